"""The scorecard of past lists: alerts, what was reported and what became of them, as known."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from features.known import Known
from features.tables import as_pandas
from models.labels import LabelRule, group_transfer, matured
from pipelines.calendar_of_lists import dekad_ends
from pipelines.workplace import Workplace
from serving.scorecard import CASE_COLUMNS, Scorecard, ScorecardRule, scorecard

COMPARED = ("orange", "yellow")
"""Levels of which some groups are held back."""


def past_lists(place: Workplace, as_of: date) -> Scorecard | None:
    """How past lists did, as known on a day; None where no alert was ever sent out.

    Args:
        place: With the table alert_case, if there is one.
        as_of: Day of the new list.
    """
    if "alert_case" not in place.tables:
        return None
    rule, settings = place.group_label, place.settings.scorecard
    cases = _cases(place, as_of)
    if cases.empty:
        return None
    days = matured(sorted(set(cases["list_day"])), rule, as_of)[-settings.lists :]
    return scorecard(
        cases,
        _labels(place, days, rule, as_of),
        ScorecardRule(
            lists=settings.lists,
            fewest_holdout=settings.fewest_holdout,
            fewest_lost=settings.fewest_lost,
            compared=COMPARED,
            matures_after=rule.matures_after,
        ),
    )


def _cases(place: Workplace, as_of: date) -> pd.DataFrame:
    """Every case of a group sent out before the day, with the day of its list."""
    rows = as_pandas(Known(place.tables, [as_of]).rows("alert_case"), "case_id")
    of_groups = rows[rows["group_id"].notna()]
    lag = place.settings.study.as_of_lag_days
    days = {batch: list_day(str(batch), lag) for batch in sorted(set(of_groups["score_batch_id"]))}
    found = of_groups.assign(list_day=of_groups["score_batch_id"].map(days))
    return found[found["list_day"].notna() & found["list_day"].lt(as_of)][list(CASE_COLUMNS)]


def list_day(batch_id: str, lag: int) -> date | None:
    """The knowledge day of the list that a batch raised.

    Our own batches begin with it. An operator's own alerts may name a dekad (YYYYMMd) instead:
    the day is the one on which a list of it can be made.

    >>> list_day("2011-01-03-0badc0de", 3), list_day("2010123", 3), list_day("manual", 3)
    (datetime.date(2011, 1, 3), datetime.date(2011, 1, 3), None)
    """
    try:
        if batch_id[4:5] == "-":
            return date.fromisoformat(batch_id[:10])
        year, month, dekad = int(batch_id[:4]), int(batch_id[4:6]), int(batch_id[6:])
        first = date(year, month, 1 + 10 * (dekad - 1))
    except ValueError:
        return None
    return next(dekad_ends(first, first + timedelta(11))) + timedelta(lag)


def _labels(place: Workplace, days: list[date], rule: LabelRule, as_of: date) -> pd.DataFrame:
    from models.outcomes import member_outcomes

    if not days:
        return pd.DataFrame(columns=["as_of", "group_id", "label"])
    outcomes = member_outcomes(place.tables, days, rule, known=as_of)
    return group_transfer(outcomes, rule)[["as_of", "group_id", "label"]]
