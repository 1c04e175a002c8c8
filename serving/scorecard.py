"""What became of the groups on past lists: the answer to "you told me it was red, and then?".

What became of a group is told by the data, never by who looked after it: lost is a group that
transferred by the label's rule. Alerts, feedback and outcomes are all as known on the new list's
day.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import pandas as pd

LEVELS = ("red", "orange", "yellow", "blue")
_NOT_REACHED = "unreachable"
_Z95 = 1.959964
CASE_COLUMNS = (
    "list_day",
    "group_id",
    "level",
    "score",
    "is_holdout",
    "feedback",
    "first_contact_time",
)


@dataclass(frozen=True)
class ScorecardRule:
    """What a scorecard covers and when it compares; every number comes from config.

    Attributes:
        lists: Lists with known outcome that it adds up, and new lists that it names.
        fewest_holdout: Groups held back that a comparison needs.
        fewest_lost: Groups lost, on the lists and held back together, that it needs.
        compared: Levels of which some groups are held back at random.
        matures_after: Days after a list until its outcome is known.
    """

    lists: int
    fewest_holdout: int
    fewest_lost: int
    compared: Collection[str]
    matures_after: int


@dataclass(frozen=True)
class LevelScore:
    """One level over the lists with known outcome, without the groups held back.

    Attributes:
        level: Red, orange, yellow or blue.
        listed: Groups times lists.
        contacted: Those that somebody reached.
        lost: Those that transferred.
        kept: Those that somebody reached and that have not transferred.
        unknown: Those of which it is not established what became of them.
        promised: Transfers that the model expected of those with known outcome; None where a
            score lacks, as on a rules list.
    """

    level: str
    listed: int
    contacted: int
    lost: int
    kept: int
    unknown: int
    promised: float | None


@dataclass(frozen=True)
class Comparison:
    """Groups on the lists beside groups held back at random from them.

    Attributes:
        listed, lost: Groups with known outcome on the lists, and how many transferred.
        held_back, held_back_lost: The same of those held back.
        expected_lost: Groups of the lists that would have transferred at the others' rate.
        saved, saved_low, saved_high: The difference and its 95 % interval (Newcombe's, of two
            rates); None while there is not enough.
    """

    listed: int
    lost: int
    held_back: int
    held_back_lost: int
    expected_lost: float | None
    saved: float | None
    saved_low: float | None
    saved_high: float | None


@dataclass(frozen=True)
class ListScore:
    """One past list: its day, how many groups, how many reached, and lost as far as known."""

    day: date
    listed: int
    red: int
    contacted: int
    lost: int | None


@dataclass(frozen=True)
class Scorecard:
    """Past lists, as known on the new list's day.

    Attributes:
        days: Days of the lists that are added up, oldest first; empty while no outcome is known.
        levels: A row a level.
        comparison: With those held back; None while no outcome is known.
        lists: The newest lists, newest first, with or without outcome.
        matures_after: Days after a list until its outcome is known.
    """

    days: tuple[date, ...]
    levels: tuple[LevelScore, ...]
    comparison: Comparison | None
    lists: tuple[ListScore, ...]
    matures_after: int

    def of(self, level: str) -> LevelScore | None:
        """The row of a level; None while no outcome is known."""
        return next((row for row in self.levels if row.level == level), None)


def scorecard(cases: pd.DataFrame, labels: pd.DataFrame, rule: ScorecardRule) -> Scorecard:
    """Add up past lists.

    Args:
        cases: One row a case of ``CASE_COLUMNS``, as known: ``list_day`` (day of its list),
            ``score`` (probability, missing for rules), ``is_holdout`` and what was reported.
        labels: ``as_of``, ``group_id`` and ``label`` (1 transferred, 0 not, NaN not established),
            of the list days whose labels have matured; a day without rows has none as yet.
        rule: What it covers.

    Example:
        >>> cases = pd.DataFrame(columns=list(CASE_COLUMNS))
        >>> labels = pd.DataFrame(columns=["as_of", "group_id", "label"])
        >>> scorecard(cases, labels, ScorecardRule(3, 20, 5, ("orange",), 104)).days
        ()
    """
    rows = _judged(cases, labels)
    known_days = sorted(set(labels["as_of"]) & set(rows["list_day"]))[-rule.lists :]
    counted = rows[rows["list_day"].isin(known_days)]
    seen = counted[~counted["is_holdout"]]
    newest = sorted(set(rows["list_day"]), reverse=True)[: rule.lists]
    shown = sorted({*known_days, *newest}, reverse=True)
    return Scorecard(
        days=tuple(known_days),
        levels=tuple(_level(level, seen) for level in LEVELS) if known_days else (),
        comparison=_compared(counted, rule) if known_days else None,
        lists=tuple(_one_list(day, rows, day in known_days) for day in shown),
        matures_after=rule.matures_after,
    )


def _judged(cases: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    rows = cases[list(CASE_COLUMNS)].drop_duplicates(["list_day", "group_id"])
    told = rows["feedback"].notna() & rows["feedback"].ne(_NOT_REACHED)
    outcome = labels[["as_of", "group_id", "label"]].rename(columns={"as_of": "list_day"})
    joined = rows.assign(
        contacted=(told | rows["first_contact_time"].notna()).astype(bool),
        is_holdout=rows["is_holdout"].astype("boolean").fillna(False).astype(bool),
    ).merge(outcome, how="left", on=["list_day", "group_id"], validate="1:1")
    return joined.assign(label=joined["label"].astype("float64"))


def _level(level: str, seen: pd.DataFrame) -> LevelScore:
    rows = seen[seen["level"] == level]
    scores = rows.loc[rows["label"].notna(), "score"].astype("float64")
    return LevelScore(
        level=level,
        listed=len(rows),
        contacted=int(rows["contacted"].sum()),
        lost=int(rows["label"].eq(1).sum()),
        kept=int((rows["contacted"] & rows["label"].eq(0)).sum()),
        unknown=int(rows["label"].isna().sum()),
        # Exactly added up, so that the order of rows never matters.
        promised=None if scores.isna().any() else math.fsum(scores),
    )


def _compared(rows: pd.DataFrame, rule: ScorecardRule) -> Comparison:
    known = rows[rows["level"].isin(list(rule.compared)) & rows["label"].notna()]
    back, out = known[known["is_holdout"]], known[~known["is_holdout"]]
    listed, lost = len(out), int(out["label"].sum())
    held_back, held_back_lost = len(back), int(back["label"].sum())
    few = held_back < rule.fewest_holdout or lost + held_back_lost < rule.fewest_lost
    if few or not listed:
        return Comparison(listed, lost, held_back, held_back_lost, None, None, None, None)
    low, high = difference(held_back_lost, held_back, lost, listed)
    expected = listed * held_back_lost / held_back
    return Comparison(
        listed,
        lost,
        held_back,
        held_back_lost,
        expected,
        expected - lost,
        listed * low,
        listed * high,
    )


def difference(first: int, of_first: int, second: int, of_second: int) -> tuple[float, float]:
    """The 95 % interval of a difference of two rates by Newcombe's method 10 (1998).

    >>> [round(end, 4) for end in difference(56, 70, 48, 80)]
    [0.0524, 0.3339]
    """
    one, other = first / of_first, second / of_second
    low_one, high_one = _wilson(one, of_first)
    low_other, high_other = _wilson(other, of_second)
    gap = one - other
    return (
        gap - math.hypot(one - low_one, high_other - other),
        gap + math.hypot(high_one - one, other - low_other),
    )


def _wilson(rate: float, of: int) -> tuple[float, float]:
    square = _Z95 * _Z95
    middle = rate + square / (2 * of)
    reach = _Z95 * math.sqrt(rate * (1 - rate) / of + square / (4 * of * of))
    return (middle - reach) / (1 + square / of), (middle + reach) / (1 + square / of)


def _one_list(day: date, rows: pd.DataFrame, known: bool) -> ListScore:
    seen = rows[(rows["list_day"] == day) & ~rows["is_holdout"]]
    return ListScore(
        day=day,
        listed=len(seen),
        red=int(seen["level"].eq("red").sum()),
        contacted=int(seen["contacted"].sum()),
        lost=int(seen["label"].eq(1).sum()) if known else None,
    )
