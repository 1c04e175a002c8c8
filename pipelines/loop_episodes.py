"""Episodes of alert, as known on a day: who was drawn into which arm, and what became of him."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from features.known import Known
from features.tables import as_pandas
from models.effect import apart
from models.labels import group_transfer, matured
from pipelines.scorecard import list_day
from pipelines.workplace import TIERS, Workplace
from serving.casebook.pen import OURSELVES

DRAWN_LEVELS = ("orange", "yellow")
"""Of which some groups are held out; red ones and business alerts never are."""
COLUMNS = ["group_id", "drawn_on", "arm", "propensity", "score"]


@dataclass(frozen=True)
class Drawn:
    """What was drawn at random.

    Attributes:
        episodes: One row an episode, as ``models.effect.measured`` reads it, and ``score``, the
            risk when it was drawn (NaN where rules raised it).
        not_at_risk: Episodes left out because the group had already gone, by the label's rule, when
            it was drawn: that was known before the draw, so it parts nobody by what came of it.
        assumed: Whether the log keeps no chance of its draws, so that the settings' share stands
            for it.
    """

    episodes: pd.DataFrame
    not_at_risk: int
    assumed: bool


def cases_known(place: Workplace, as_of: date) -> pd.DataFrame:
    """Every case of a group as known, with ``list_day``, the day of its list; sorted."""
    if "alert_case" not in place.tables:
        return pd.DataFrame(columns=["case_id", "group_id", "list_day"])
    rows = as_pandas(Known(place.tables, [as_of]).rows("alert_case"), "case_id")
    rows = rows[rows["group_id"].notna()]
    lag = place.settings.study.as_of_lag_days
    days = {batch: list_day(str(batch), lag) for batch in sorted(set(rows["score_batch_id"]))}
    found = rows.assign(list_day=rows["score_batch_id"].map(days))
    found = found[found["list_day"].notna() & found["list_day"].le(as_of)]
    return found.sort_values(["list_day", "case_id"], ignore_index=True)


def drawn(place: Workplace, cases: pd.DataFrame, as_of: date, since: date) -> Drawn:
    """Episodes drawn from a day on, with what has become of them.

    Our own draws are in the log of treatments with their chance. An operator's own alerts may say
    only who was held out (``is_holdout``): then the C groups that stood orange or yellow are the
    episodes, and the share that the settings hold out is taken for the chance.
    """
    rule = place.group_label
    found = _of_the_log(place, cases, as_of)
    assumed = found.empty
    if assumed:
        found = _of_cases(place, cases)
    found = found[(found["drawn_on"] >= since) & (found["drawn_on"] <= as_of)]
    if found.empty:
        return Drawn(found.assign(moved=[], value_fen=[]), 0, assumed)
    kept = apart(found, rule.window_days)
    days = sorted(set(kept["drawn_on"]))
    known = matured(days, rule, as_of)
    labels = _labels(place, known, as_of)
    key = ["drawn_on", "group_id"]
    told = kept.merge(labels, how="left", on=key, validate="1:1", indicator="at_risk")
    there = told["at_risk"].eq("both") | ~told["drawn_on"].isin(set(known))
    valued = told[there].drop(columns="at_risk").merge(_values(place, days), how="left", on=key)
    usual = valued["value_fen"].mean()
    value = valued["value_fen"].fillna(0.0 if np.isnan(usual) else usual)
    return Drawn(valued.assign(value_fen=value), int((~there).sum()), assumed)


def _of_the_log(place: Workplace, cases: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Our own draws: rows of ours in the log of treatments that chance has assigned."""
    if "treatment" not in place.tables:
        return pd.DataFrame(columns=COLUMNS)
    log = as_pandas(Known(place.tables, [as_of]).rows("treatment"), "treatment_id")
    ours = log[
        log["src_system"].eq(OURSELVES)
        & log["assigned_by"].eq("random")
        & log["arm"].isin(["treat", "holdout"])
        & log["group_id"].notna()
    ]
    named = ours["treatment_id"].str.extract(r"^H(\d{8})-")[0]
    day = pd.to_datetime(named, format="%Y%m%d").fillna(ours["assign_time"].dt.normalize())
    found = ours.assign(drawn_on=day.dt.date)
    scores = cases[["group_id", "list_day", "score"]] if "score" in cases else None
    if scores is None or found.empty:
        return found.assign(score=np.nan)[COLUMNS]
    scores = scores.drop_duplicates(["group_id", "list_day"])
    return found.merge(
        scores.rename(columns={"list_day": "drawn_on"}), how="left", on=["drawn_on", "group_id"]
    )[COLUMNS]


def _of_cases(place: Workplace, cases: pd.DataFrame) -> pd.DataFrame:
    """The operator's own draws, as its cases tell them."""
    if cases.empty:
        return pd.DataFrame(columns=COLUMNS)
    some = cases[cases["level"].isin(list(DRAWN_LEVELS)) & cases["is_holdout"].notna()]
    if not some["is_holdout"].astype(bool).any():
        return pd.DataFrame(columns=COLUMNS)
    books = Known(place.tables, sorted(set(some["list_day"]))).groups()
    tiers = as_pandas(books.select("as_of", "group_id", "tier"), "as_of", "group_id")
    small = tiers[tiers["tier"].isin(list(TIERS))].rename(columns={"as_of": "list_day"})
    inside = some.merge(small[["list_day", "group_id"]], on=["list_day", "group_id"])
    held = inside["is_holdout"].astype(bool)
    return inside.assign(
        drawn_on=inside["list_day"],
        arm=np.where(held, "holdout", "treat"),
        propensity=1.0 - place.settings.holdout.share,
    ).drop_duplicates(["drawn_on", "group_id"])[COLUMNS]


def _labels(place: Workplace, days: list[date], as_of: date) -> pd.DataFrame:
    """Whether each group moved within the label's window, of the days that have matured."""
    from models.outcomes import member_outcomes
    from pipelines import console

    columns = {"as_of": "drawn_on", "label": "moved"}
    if not days:
        return pd.DataFrame(columns=["drawn_on", "group_id", "moved"])
    with console.progress("outcomes") as tell:
        outcomes = member_outcomes(
            place.tables, days, place.group_label, tiers=TIERS, known=as_of, progress=tell
        )
    found = group_transfer(outcomes, place.group_label)
    return found[["as_of", "group_id", "label"]].rename(columns=columns)


def _values(place: Workplace, days: list[date]) -> pd.DataFrame:
    """The margin at stake in each group when it was drawn, fen."""
    settings = place.settings
    share = settings.risk_list.revenue_share * settings.profit.margin * settings.profit.clv_months
    books = Known(place.tables, days).groups()
    revenue = ["mobile_revenue_fen", "fixed_revenue_fen"]
    rows = as_pandas(books.select("as_of", "group_id", *revenue), "as_of", "group_id")
    booked = rows[revenue].astype("Float64").sum(axis=1, min_count=1)
    value = booked.astype("float64") * share
    return rows[["group_id"]].assign(drawn_on=rows["as_of"], value_fen=value)


def first_day(as_of: date, months: int) -> date:
    """So many months, of 30 days each, before a day."""
    return as_of - timedelta(days=30 * months)
