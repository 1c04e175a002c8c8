"""What became of each member after a day: stayed, lost, diverted and so on, and since when.

Evidence is read only from rows loaded after ``as_of`` and by the day on which the label matures, so
an outcome is what the operator itself could have established by then, late rows and all. What is
known on the day tells only the former level and who is diverted already.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date

import numpy as np
import pandas as pd

from features import Tables, member_features
from features.catalog import FEATURES
from features.compute import DAYS_AT_ONCE
from models.evidence import Evidence
from models.labels import LabelRule
from models.leaving import REASONS, not_to_a_rival
from models.states import deep_diversion, diversion, levels, loss, shrinking

Progress = Callable[[int, int], None]


def member_outcomes(
    tables: Tables,
    days: Sequence[date],
    rule: LabelRule,
    *,
    tiers: Collection[str] | None = None,
    known: date | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """What became of every member that was on net on each of ``days``.

    Args:
        tables: The operator's tables.
        days: Knowledge days whose labels have matured, or with ``known`` any.
        rule: When a member counts as lost or diverted.
        tiers: Only members of groups of these tiers; None for everybody.
        known: The last day whose knowledge may be used; None for all until the labels mature.
        progress: Called with the number of days done and of all days.

    Returns:
        One row a day and member, sorted: ``as_of``, ``user_id``, ``group_id``, ``undiverted``
        (as known on the day), ``value`` (a closed month's mean bill before the day, fen),
        ``observed`` (days from ``as_of`` of which it is established what became of the member: at
        least the label's window where it has matured), ``state`` (of ``models.states.STATES``,
        whichever came first; shrunk_unknown only where nothing else came, censored where nothing
        came as yet), ``onset`` of that state, ``evidence`` (why it is that state: one_sided,
        second_sim, both joined by a plus, or of ``models.leaving.REASONS``; empty otherwise),
        ``lost_onset`` of a loss to whomever, if it came, and ``deep_onset`` of a diversion
        as L_member_divert counts it. Onsets are days from ``as_of``, NaN where nothing came.
    """
    ordered = sorted(set(days))
    frames = []
    for start in range(0, len(ordered), DAYS_AT_ONCE):
        chunk = ordered[start : start + DAYS_AT_ONCE]
        with tables.holding():
            frames.append(_outcomes(tables, chunk, rule, tiers, known))
        if progress:
            progress(start + len(chunk), len(ordered))
    return pd.concat(frames, ignore_index=True)


def _outcomes(
    tables: Tables,
    days: list[date],
    rule: LabelRule,
    tiers: Collection[str] | None,
    known: date | None,
) -> pd.DataFrame:
    roster = member_features(tables, days, [FEATURES["outgoing_low"]], tiers=tiers)
    evidence = Evidence(tables, roster, rule, known)
    seen = evidence.beside_roster()
    parts = [
        _of_day(seen[seen["as_of"] == day].reset_index(), evidence, day, rule)
        for day in evidence.days
    ]
    return _with_reasons(pd.concat(parts, ignore_index=True), evidence)


def _of_day(seen: pd.DataFrame, evidence: Evidence, day: date, rule: LabelRule) -> pd.DataFrame:
    months = evidence.months(day)
    found = levels(seen, months, day, rule.states)
    diverted, why = diversion(seen, found, rule.states)
    shrunk, lost = shrinking(found, rule.states), loss(seen, months, day)
    onset = np.fmin(diverted, lost)
    observed = (evidence.until(day) - day).days - rule.maturity_days
    nothing = np.where(~np.isnan(shrunk), "shrunk_unknown", "stay")
    if observed < rule.window_days:
        nothing = np.full(len(seen), "censored")
    state = np.where(np.isnan(onset), nothing, np.where(lost <= onset, "lost", "diverted"))
    return seen[["as_of", "user_id", "group_id"]].assign(
        undiverted=seen["outgoing_low"] != 1,
        value=seen["value"].astype("float64"),
        observed=observed,
        state=state,
        onset=np.where(state == "shrunk_unknown", shrunk, onset),
        evidence=np.where(state == "diverted", why, ""),
        lost_onset=lost,
        deep_onset=deep_diversion(found, rule.states),
    )


def _with_reasons(outcomes: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    """The lost who went to no rival get the state that the reason leaves them in."""
    lost = outcomes["state"] == "lost"
    key = ["as_of", "user_id"]
    reasons = not_to_a_rival(evidence, outcomes.loc[lost, [*key, "group_id", "onset"]])
    reason = outcomes[key].merge(reasons, how="left", on=key, validate="1:1")["reason"]
    told = reason.notna().to_numpy()
    return outcomes.assign(
        state=outcomes["state"].mask(told, reason.map(REASONS)),
        evidence=outcomes["evidence"].mask(told, reason),
    )
