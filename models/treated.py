"""Rows that were treated within their label window: which, how likely that was, what they weigh.

A model is to tell the risk if nothing new is done, but some groups were visited or offered
something after the day. "Warned, visited, stayed" is no clean negative. Such rows are left out, and
the untreated can stand for them by the logged chance of having been treated. Who was drawn into the
holdout tells best what comes of doing nothing, and is never left out.

A group can be treated only until it has gone, so that those who stay have had more time for it.
Therefore only a treatment before the loss counts, and the chance covers only the time until then.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features import Tables
from features.known import Known
from features.tables import Frame, as_pandas
from models.labels import LabelRule

Floats = NDArray[np.float64]
Mode = Literal["keep", "exclude", "weight"]
KEY = ["as_of", "group_id"]


@dataclass(frozen=True)
class TreatedRule:
    """What becomes of rows treated in their label window; every value comes from config.

    Attributes:
        mode: ``keep`` learns from all rows alike; ``exclude`` leaves treated ones out; ``weight``
            does too and lets each untreated row count 1 / (1 - its chance of treatment).
        most_weight: Most that one row may count.
        visits: Types of visits that are treatments, beside what is in the log.
    """

    mode: Mode
    most_weight: float
    visits: tuple[str, ...]


def treated_rows(
    tables: Tables, labels: pd.DataFrame, rule: LabelRule, treated: TreatedRule
) -> pd.DataFrame:
    """Which rows were treated in their label window, as known when the label had matured.

    Treated is a group with a treatment (table treatment, arm treat, unless it failed to reach it),
    an action on a case (alert_case) or a visit of the ``treated.visits`` after the day, by the end
    of the window and before its loss.

    Args:
        labels: ``as_of``, ``group_id`` and ``onset``, days to the transfer (NaN without one).

    Returns:
        For each row of ``labels``, in its order: ``as_of``, ``group_id``, ``treated``, ``holdout``
        (0 or 1) and ``propensity``: the chance to be treated within the same time, by the log. It
        is NaN where nothing was logged.
    """
    rows = labels[KEY].assign(until=labels["onset"].fillna(np.inf).clip(upper=rule.window_days))
    log = _log(tables, rows, rule)
    given = log["arm"].eq("treat") & log["delivered"].ne(False)
    events = [log.loc[given, [*KEY, "day"]], *_other_treatments(tables, rows, rule, treated)]
    first = _first(pd.concat(events), rows)
    is_treated = first <= rows["until"].to_numpy(np.float64)
    return rows[KEY].assign(
        treated=is_treated.astype(np.int64),
        holdout=np.isfinite(_first(log[log["arm"] == "holdout"], rows)).astype(np.int64),
        propensity=_propensity(log, rows, np.where(is_treated, first, np.inf)),
    )


def treatment_weights(rows: pd.DataFrame, rule: TreatedRule) -> Floats:
    """What each row counts: 0 for those left out, 1 or more for the others.

    Args:
        rows: ``treated``, ``holdout`` and ``propensity``.

    Example:
        >>> rule = TreatedRule("weight", 5.0, ())
        >>> told = {"treated": [1, 0, 0], "holdout": [0, 0, 1], "propensity": [0.2, 0.2, 0.2]}
        >>> treatment_weights(pd.DataFrame(told), rule)
        array([0.  , 1.25, 1.  ])
    """
    if rule.mode == "keep":
        return np.ones(len(rows))
    held = (rows["holdout"] == 1).to_numpy()
    left_out = (rows["treated"] == 1).to_numpy() & ~held
    weight = np.ones(len(rows))
    if rule.mode == "weight":
        chance = rows["propensity"].fillna(0).to_numpy(np.float64)
        stands_for = 1 / np.maximum(1 - chance, 1 / rule.most_weight)
        weight = np.where(held, 1.0, stands_for)
    return np.where(left_out, 0.0, weight)


def _log(tables: Tables, rows: pd.DataFrame, rule: LabelRule) -> pd.DataFrame:
    """The log of treatments of each row's window: ``day`` counts from ``as_of``."""
    columns = [*KEY, "day", "arm", "propensity", "assigned_by", "delivered"]
    if "treatment" not in tables or rows.empty:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in columns})
    known, ago = _when_mature(tables, rows, rule)
    chosen = known.rows("treatment", rule.matures_after).select(
        "as_of",
        "group_id",
        "arm",
        "propensity",
        "assigned_by",
        "delivered",
        day=nw.col("days_to_assign_time") + ago,
    )
    return _of_window(chosen, rule)[columns]


def _other_treatments(
    tables: Tables, rows: pd.DataFrame, rule: LabelRule, treated: TreatedRule
) -> Iterator[pd.DataFrame]:
    if rows.empty:
        return
    known, ago = _when_mature(tables, rows, rule)
    if "visit" in tables and treated.visits:
        made = known.rows("visit", rule.matures_after)
        wanted = made.filter(nw.col("type").is_in(list(treated.visits)))
        day = nw.col("days_to_visit_date") + ago
        yield _of_window(wanted.select("as_of", "group_id", day=day), rule)
    if "alert_case" in tables:
        acted = known.rows("alert_case").filter(~nw.col("action_time").is_null())
        found = as_pandas(acted.select("as_of", "group_id", "action_time"), "as_of", "group_id")
        mature = pd.to_datetime(found["as_of"])
        passed = (pd.to_datetime(found["action_time"]).dt.normalize() - mature).dt.days
        yield _inside(found.assign(day=passed + ago)[[*KEY, "day"]], rule)


def _when_mature(tables: Tables, rows: pd.DataFrame, rule: LabelRule) -> tuple[Known, int]:
    """The tables as known when each row's label had matured, and how long that is after the day."""
    days = [day + timedelta(rule.matures_after) for day in sorted(set(rows["as_of"]))]
    return Known(tables, days), rule.matures_after


def _of_window(events: Frame, rule: LabelRule) -> pd.DataFrame:
    wanted = events.filter(nw.col("day") > 0, nw.col("day") <= rule.window_days)
    return _inside(as_pandas(wanted, "as_of", "group_id", "day"), rule)


def _inside(events: pd.DataFrame, rule: LabelRule) -> pd.DataFrame:
    """Events of groups in their windows, beside the day instead of that of the maturity."""
    some = events[events["day"].between(1, rule.window_days) & events["group_id"].notna()]
    mature = pd.to_datetime(some["as_of"])
    return some.assign(as_of=(mature - timedelta(rule.matures_after)).dt.date)


def _first(events: pd.DataFrame, rows: pd.DataFrame) -> Floats:
    """Days to the first event of each row, infinite without one."""
    first = events.astype({"day": np.float64}).groupby(KEY)["day"].min()
    found = first.reindex(pd.MultiIndex.from_frame(rows[KEY])).fillna(np.inf)
    return found.to_numpy(np.float64)


def _propensity(log: pd.DataFrame, rows: pd.DataFrame, first: Floats) -> Floats:
    """The chance of each row to be treated until its loss or the end of its window.

    In each round of choosing it is the mean of what was logged for the group in its window, for
    each chooser, without the rows of those treated: they are the likelier ones. A group without
    such rows has everybody's mean. The log need not name all groups that were passed over, so the
    chances are scaled until they expect as many first treatments as there were.
    """
    if log.empty:
        return np.full(len(rows), np.nan)
    passed_over = log[log["arm"] == "control"].astype({"propensity": np.float64})
    chance = np.zeros(len(rows))
    index = pd.MultiIndex.from_frame(rows[KEY])
    for _, logged in passed_over.groupby("assigned_by"):
        own = logged.groupby(KEY)["propensity"].mean().reindex(index)
        chance += own.fillna(logged["propensity"].mean()).to_numpy(np.float64)
    until = rows["until"].to_numpy(np.float64)
    expected = float((chance * _rounds(log, rows, np.fmin(first, until))).sum())
    scale = np.isfinite(first).sum() / expected if expected else 0.0
    exposed = _rounds(log, rows, until)
    return np.asarray(1 - (1 - np.clip(scale * chance, 0, 1)) ** exposed, dtype=np.float64)


def _rounds(log: pd.DataFrame, rows: pd.DataFrame, until: Floats) -> Floats:
    """How many rounds of choosing there were after each row's day, until so many days from it."""
    rounds = np.zeros(len(rows))
    for day, chosen in log.groupby("as_of")["day"]:
        on = (rows["as_of"] == day).to_numpy()
        days = np.unique(chosen.to_numpy(np.float64))
        rounds[on] = np.searchsorted(days, until[on], side="right")
    return rounds
