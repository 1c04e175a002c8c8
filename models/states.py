"""What became of a member, told from his use: when he was lost, diverted, or merely used less."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Texts = NDArray[np.str_]

STATES = ("stay", "lost", "rotated", "diverted", "shrunk_unknown", "involuntary", "censored")
"""What can have become of a member. Only the lost and the diverted went to a rival."""
TO_A_RIVAL = ("lost", "diverted")


@dataclass(frozen=True)
class StateRule:
    """When a member counts as diverted, as back under a new number, and so on: all from config.

    Levels are shares of a member's former level, a closed month's average before the day, with
    what everybody did in the month taken out where at least ``season_members`` tell it. Each has
    to hold for two months in a row.

    Attributes:
        outgoing_kept, incoming_kept, one_sided: Outgoing minutes kept at most, incoming ones at
            least, and outgoing for each of incoming at most, of one who diverts without more
            evidence.
        second_sim_kept: Outgoing minutes kept at most where a second SIM has newly been indicated:
            not in the ``second_sim_months`` closed months before the day.
        shrunk_kept: Outgoing minutes kept at most of one who shrank without evidence.
        deep_outgoing_kept, deep_incoming_kept: The narrower diversion that L_member_divert counts.
        season_members: Members from whom the season can be told.
        reentry_days: Days between the last use of a number and the start of its owner's new one.
        reentry_traits: Traits in the register that both must share, none of them contradicting.
        reentry_circle: Or the share of the old number's contacts that the new one must have too.
        reentry_contacts: Contacts that the old number must have had for that.
        arrears_months: Unpaid bills in a row, before the use ended, that make a loss involuntary.
        dissolved: Stages of a group's life in which whom it loses is lost against his will.
    """

    outgoing_kept: float
    incoming_kept: float
    one_sided: float
    second_sim_kept: float
    second_sim_months: int
    shrunk_kept: float
    deep_outgoing_kept: float
    deep_incoming_kept: float
    season_members: int
    reentry_days: int
    reentry_traits: int
    reentry_circle: float
    reentry_contacts: int
    arrears_months: int
    dissolved: tuple[str, ...]


@dataclass(frozen=True)
class Levels:
    """Members' outgoing and incoming minutes of their former level: members × months.

    ``starts`` and ``lengths`` are the months' first days, counted from the day, and days.
    """

    outgoing: Floats
    incoming: Floats
    starts: tuple[int, ...]
    lengths: tuple[int, ...]

    def onset(self, low: Flags) -> Floats:
        """Days from the day to the estimated onset of what is ``low``; NaN where nothing is.

        Args:
            low: For each pair of months in a row (see ``pairs``) whether they are low together.

        How far the first of the two is on its way down to the second tells the day within it.
        """
        onset = np.full(len(low), np.nan)
        for i in range(low.shape[1]):
            now, then = self.outgoing[:, i], self.outgoing[:, i + 1]
            with np.errstate(divide="ignore", invalid="ignore"):
                on_its_way = np.clip((1 - now) / (1 - then), 0, 1)
            found = low[:, i] & np.isnan(onset)
            onset[found] = (self.starts[i] + (1 - on_its_way) * self.lengths[i])[found]
        return onset

    def outgoing_low(self, kept: float) -> Flags:
        """Whether the outgoing minutes of each pair of months are low together: at most ``kept``,
        and neither month more than half-way back to the former level."""
        highest = np.fmax(self.outgoing[:, :-1], self.outgoing[:, 1:])
        return np.asarray((pairs(self.outgoing) <= kept) & (highest <= (1 + kept) / 2))


def levels(seen: pd.DataFrame, months: list[date], day: date, rule: StateRule) -> Levels:
    """Members' levels in the ``months`` since the day.

    Args:
        seen: A row a member, from ``models.evidence``.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        outgoing = by_month(seen, "out", months) / seen[["base_out"]].to_numpy(np.float64)
        incoming = by_month(seen, "in", months) / seen[["base_in"]].to_numpy(np.float64)
    ends = [*months[1:], _next_month(months[-1])] if months else []
    return Levels(
        _without_season(outgoing, rule.season_members),
        _without_season(incoming, rule.season_members),
        tuple((month - day).days for month in months),
        tuple((end - month).days for month, end in zip(months, ends, strict=True)),
    )


def diversion(seen: pd.DataFrame, found: Levels, rule: StateRule) -> tuple[Floats, Texts]:
    """Days to each member's diversion (NaN without one), and the evidence of it.

    Evidence is ``one_sided`` (outgoing minutes fell far more than incoming ones), ``second_sim``
    (newly indicated, while outgoing minutes fell) or both, joined by a plus; empty without one.
    """
    out, incoming = pairs(found.outgoing), pairs(found.incoming)
    parted = (incoming >= rule.incoming_kept) & (out <= rule.one_sided * incoming)
    one_sided = found.outgoing_low(rule.outgoing_kept) & parted
    known_before = seen["second_sim_before"].to_numpy(np.float64) == 1
    indicated = (seen["second_sim"].to_numpy(np.float64) == 1) & ~known_before
    second_sim = found.outgoing_low(rule.second_sim_kept) & indicated[:, None]
    sided, with_sim = one_sided.any(axis=1), second_sim.any(axis=1)
    evidence = np.select(
        [sided & with_sim, sided, with_sim], ["one_sided+second_sim", "one_sided", "second_sim"], ""
    )
    return found.onset(one_sided | second_sim), evidence


def deep_diversion(found: Levels, rule: StateRule) -> Floats:
    """Days to the diversion that L_member_divert counts: a deep fall of outgoing minutes alone."""
    low = found.outgoing_low(rule.deep_outgoing_kept)
    return found.onset(low & (pairs(found.incoming) >= rule.deep_incoming_kept))


def shrinking(found: Levels, rule: StateRule) -> Floats:
    """Days to the month from which outgoing minutes are low, whatever the reason."""
    return found.onset(found.outgoing_low(rule.shrunk_kept))


def loss(seen: pd.DataFrame, months: list[date], day: date) -> Floats:
    """Days from ``day`` to the day after the last use of members that are off, or silent.

    Silent is who has no use in the last two closed months. Deactivation is recorded late where it
    is for arrears, so the last use counts; without any use seen, the recorded day.
    """
    recorded = (pd.to_datetime(seen["off_since"]).dt.normalize() - pd.Timestamp(day)).dt.days
    after_last_use = seen["last_use"].to_numpy(np.float64) + 1
    off = np.where(recorded.notna(), np.fmin(after_last_use, recorded.to_numpy(np.float64)), np.nan)
    if len(months) < 2:
        return np.asarray(off, np.float64)
    silent = (by_month(seen, "used", months)[:, -2:] == 0).all(axis=1)
    never_used = np.where(np.isnan(after_last_use), (months[0] - day).days, after_last_use)
    return np.asarray(np.fmin(off, np.where(silent, never_used, np.nan)), np.float64)


def pairs(monthly: Floats) -> Floats:
    """The mean of each two months in a row: members × (months - 1)."""
    means = [(monthly[:, i] + monthly[:, j]) / 2 for i, j in pairwise(range(monthly.shape[1]))]
    return np.stack(means, axis=1) if means else np.empty((len(monthly), 0))


def by_month(seen: pd.DataFrame, kind: str, months: list[date]) -> Floats:
    """Columns of the months, oldest first; they are named by age at maturity, 0 the newest."""
    ages = reversed(range(len(months)))
    return seen[[f"{kind}_{age}" for age in ages]].to_numpy(np.float64)


def _without_season(kept: Floats, members: int) -> Floats:
    """``kept`` without what the middle one of all members did in each month."""
    known = np.isfinite(kept)
    if not known.any() or known.sum(axis=0).min() < members:
        return kept
    usual = np.nanmedian(np.where(known, kept, np.nan), axis=0)
    return np.asarray(kept / np.where(usual > 0, usual, 1.0))


def _next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
