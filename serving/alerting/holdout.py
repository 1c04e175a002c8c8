"""The randomised holdout: who is not treated, on purpose, to learn what treating saves.

Only small groups (C) that stand orange or yellow are drawn. Red ones, business alerts and large
groups are never held out. A draw hangs on nothing but the group, the day and a secret number, so
that it can be repeated and knows nothing of the score.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from serving.casebook.rules import named
from serving.errors import ListError

COLUMNS = ("group_id", "tier", "level", "arm", "propensity", "drawn_on", "how", "treatment_id")
_DRAWN = re.compile(r"H(\d{4})(\d\d)(\d\d)-.+")


@dataclass(frozen=True)
class HoldoutRule:
    """How the holdout is drawn; every value comes from config.

    Attributes:
        share: Share of those who can be drawn that are held out.
        seed: The secret number; another one draws others.
        hold_days: Days for which a group keeps its arm: at least a label window, so that no group
            changes arms while it is judged.
        tiers: Tiers that are drawn.
        levels: Levels that are drawn.
        source: What ``src_system`` calls treatments of ours, in the log.
    """

    share: float
    seed: str
    hold_days: int
    tiers: tuple[str, ...] = ("C",)
    levels: tuple[str, ...] = ("orange", "yellow")
    source: str = "groupchurn"

    def __post_init__(self) -> None:
        if not 0 <= self.share < 1:
            raise ValueError(f"holdout: share {self.share} is none from 0 up to, but not, 1")


def arms(
    levels: pd.DataFrame, log: pd.DataFrame | None, as_of: date, rule: HoldoutRule
) -> pd.DataFrame:
    """Whether each group that stands in a level is treated or held out.

    A group that was drawn within ``hold_days`` keeps its arm, whatever its level is now. One that
    was given to the field within that time without a draw (it was red) is treated and not drawn:
    a lot that comes after the visit would tell nothing. Else it is drawn, if it can be.

    A group that is held out stays so when its risk alone rises to red: the lot must not give way
    to the score, or the arms could not be compared. A hard trigger that makes it red (something
    has happened that no manager may sit still about) releases it: it is given to the field, while
    the log of its draw stays as it is, to be analysed as drawn.

    Args:
        levels: Of ``serving.alerting.levels``: ``group_id``, ``tier``, ``level``, ``method``.
        log: Table treatment as known on the day: ``treatment_id``, ``group_id``, ``arm``,
            ``propensity``, ``assigned_by``, ``assign_time``, ``src_system``. None without one.
        as_of: Day of the list.
        rule: How it is drawn.

    Returns:
        One row a group in a level, sorted by id: ``group_id``, ``tier``, ``level``, ``arm`` (treat
        or holdout), ``propensity`` (the chance of being treated when the choice was made, whatever
        came of it: 1 for who is never drawn), ``drawn_on`` (day of the list of the draw; empty
        without one), ``how`` (drawn, kept, not_drawn, released) and ``treatment_id`` of the draw.

    Raises:
        ListError: A group stands twice.
    """
    listed = levels[levels["level"].ne("none")].sort_values("group_id")
    if twice := listed.loc[listed["group_id"].duplicated(), "group_id"].tolist():
        raise ListError(f"levels: group {twice[0]} stands more than once")
    before = _log(log, as_of, rule)
    names = ("group_id", "tier", "level", "method")
    rows = [
        _arm(*map(str, row), before=before.get(str(row[0]), []), as_of=as_of, rule=rule)
        for row in zip(*(listed[name] for name in names), strict=True)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def lot(group_id: str, as_of: date, seed: str) -> float:
    """A number from 0 up to 1 that nobody can foresee who does not know the seed.

    >>> lot("89100000000123", date(2011, 1, 3), "s") == lot("89100000000123", date(2011, 1, 3), "s")
    True
    """
    digest = hashlib.sha256(f"{seed}\n{group_id}\n{as_of.isoformat()}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def _arm(
    group_id: str,
    tier: str,
    level: str,
    method: str,
    *,
    before: list[_Logged],
    as_of: date,
    rule: HoldoutRule,
) -> tuple[object, ...]:
    drawn = next((one for one in before if one.by_lot), None)
    who = (group_id, tier, level)
    if drawn is not None:
        released = any(not one.by_lot and one.at >= drawn.at for one in before)
        alarm = level == "red" and method == "trigger"
        if drawn.arm == "holdout" and (released or alarm):
            return (*who, "treat", 1.0, drawn.drawn_on, "released", None)
        kept = ("kept", drawn.treatment_id)
        return (*who, drawn.arm, drawn.propensity, drawn.drawn_on, *kept)
    if before or tier not in rule.tiers or level not in rule.levels:
        return (*who, "treat", 1.0, None, "not_drawn", None)
    arm = "holdout" if lot(group_id, as_of, rule.seed) < rule.share else "treat"
    chance = round(1 - rule.share, 4)
    return (*who, arm, chance, as_of, "drawn", named("H", as_of, group_id))


@dataclass(frozen=True)
class _Logged:
    """A treatment of ours in the log."""

    treatment_id: str
    arm: str
    propensity: float
    by_lot: bool
    at: pd.Timestamp

    @property
    def drawn_on(self) -> date:
        """The day of the list, which the id names; else the day on which it was given out."""
        found = _DRAWN.fullmatch(self.treatment_id)
        return date(*map(int, found.groups())) if found else self.at.date()


def _log(log: pd.DataFrame | None, as_of: date, rule: HoldoutRule) -> dict[str, list[_Logged]]:
    """Our treatments that still bind on the day, by group, the newest first."""
    if log is None or log.empty:
        return {}
    ours = log[log["src_system"].eq(rule.source) & log["group_id"].notna()]
    found: dict[str, list[_Logged]] = {}
    columns = ["group_id", "treatment_id", "arm", "propensity", "assigned_by", "assign_time"]
    for row in ours.sort_values(["assign_time", "treatment_id"])[columns].itertuples(index=False):
        group_id, treatment_id, arm, propensity, chooser, at = row
        one = _Logged(treatment_id, arm, float(propensity), chooser == "random", pd.Timestamp(at))
        begun = one.drawn_on if one.by_lot else one.at.date()
        if begun + timedelta(days=rule.hold_days) > as_of:
            found.setdefault(str(group_id), []).insert(0, one)
    return found
