"""What was told of a group before: its level on the last list, and a case just closed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from serving.alerting.level_rules import BY_SEVERITY, SEVERITY, Hysteresis


def before(
    groups: pd.DataFrame, history: pd.DataFrame | None, as_of: date, hysteresis: Hysteresis
) -> dict[str, Any]:
    """What the newest list before the day says of each group, row for row.

    Returns:
        ``level_before``, ``times_before``, ``first_listed``, and ``risk_before``: the probability,
        or the points of a group that is judged by points; NaN where the list is too old to count.
    """
    last = _last_list(history, as_of)
    counts = bool(len(last)) and (as_of - last["as_of"].iloc[0]).days <= hysteresis.most_days
    told = last.set_index("group_id").reindex(groups["group_id"]).reset_index()
    alerted = told["level"].isin(set(SEVERITY) - {"none"})
    points = told.get("rules_points", pd.Series(None, index=told.index))
    risk = told["probability"].astype("Float64").mask(groups["by_points"], points)
    return {
        "level_before": told["level"].where(alerted, "none"),
        "times_before": told["times_listed"].astype("Float64").fillna(0).astype("int64"),
        "first_listed": told["first_listed"].astype(object).where(alerted, None),
        "risk_before": risk.astype("Float64").mask(pd.Series(not counts, index=risk.index)),
    }


def _last_list(history: pd.DataFrame | None, as_of: date) -> pd.DataFrame:
    columns = ["group_id", "as_of", "level", "probability", "times_listed", "first_listed"]
    if history is None or history.empty:
        return pd.DataFrame(columns=columns)
    dated = history.assign(
        as_of=pd.to_datetime(history["as_of"]).dt.date,
        first_listed=_dates(history["first_listed"]),
    )
    earlier = dated[dated["as_of"] < as_of]
    newest: pd.DataFrame = earlier[earlier["as_of"] == earlier["as_of"].max()]
    return newest


def cooling(
    groups: pd.DataFrame, cases: pd.DataFrame | None, as_of: date, cool_down_days: int
) -> dict[str, Any]:
    """Whether each group is left in peace, and the closed case that it is for.

    A group whose case was closed within ``cool_down_days`` is, unless it now stands higher than the
    case did, or something happened to it after the case was closed. A case of the holdout does not
    count: nobody has been there.

    Returns:
        ``cooled``, and ``closed_on`` and ``closed_level`` of the case; empty without one.
    """
    last = _closed(cases, as_of, cool_down_days).reindex(groups["group_id"]).reset_index()
    severity = last["level"].map(SEVERITY)
    news = groups["happened"].to_numpy() > pd.to_datetime(last["closed_on"]).to_numpy()
    rises = groups["wanted"].to_numpy() > severity.fillna(0).to_numpy()
    cooled = severity.notna().to_numpy() & ~rises & ~news & groups["wanted"].gt(0).to_numpy()
    return {
        "cooled": cooled,
        "closed_on": last["closed_on"].astype(object).where(severity.notna(), None),
        "closed_level": last["level"].astype(object).where(severity.notna(), None),
    }


def _closed(cases: pd.DataFrame | None, as_of: date, days: int) -> pd.DataFrame:
    """For each group the case closed last within so many days; of several of a day the gravest."""
    if cases is None or cases.empty:
        return pd.DataFrame(columns=["closed_on", "level"], index=pd.Index([], name="group_id"))
    closed_on = pd.to_datetime(cases["closed_time"]).dt.date
    age = (pd.Timestamp(as_of) - pd.to_datetime(closed_on)).dt.days
    held_back = cases["is_holdout"].fillna(False).astype(bool)
    recent = cases.assign(closed_on=closed_on)[age.between(0, days - 1) & ~held_back]
    ranked = recent.assign(severity=recent["level"].map(SEVERITY)).dropna(subset="group_id")
    last = ranked.sort_values(["group_id", "closed_on", "severity"]).groupby("group_id").tail(1)
    level = [BY_SEVERITY[severity] for severity in last["severity"]]
    return last.assign(level=level).set_index("group_id")[["closed_on", "level"]]


def _dates(days: pd.Series[Any]) -> pd.Series[Any]:
    moments = pd.to_datetime(days)
    return moments.dt.date.astype(object).where(moments.notna(), None)
