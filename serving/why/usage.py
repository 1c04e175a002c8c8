"""V-net minutes as they would be, had they come back to what they were."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pyarrow as pa

from serving.why.rows import replaced

MONTHLY: Mapping[str, str] = {"vnet_out_m": "mou_out_onnet_m", "vnet_in_m": "mou_in_onnet_m"}
"""V-net minutes, and the minutes that they are part of and cannot exceed."""
DEKADLY: Mapping[str, str] = {"vnet_m": "minutes"}


def brought_back(
    usage: pd.DataFrame, period: str, minutes: Mapping[str, str], *, newest: int, before: int
) -> pd.DataFrame:
    """The newest periods with as many V-net minutes as in the average of those before.

    Args:
        usage: One row a member and period, with ``age`` in closed periods.
        period: Name of its column of periods.
        minutes: Columns of V-net minutes, each with the column it is part of.
        newest: How many of the newest periods are raised.
        before: How many periods before them are the measure.

    Returns:
        ``user_id``, the period and the minutes, of the rows that rise; none where none does. What a
        member talks in all stays: minutes on net become minutes of the V-net, no more than there
        are.
    """
    fresh = usage[usage["age"] < newest].set_index("user_id")
    past = usage[usage["age"].between(newest, newest + before - 1)].groupby("user_id")
    rises = pd.Series(data=False, index=fresh.index)
    raised = fresh[[period]].copy()
    for column, whole in minutes.items():
        usual = past[column].mean().reindex(fresh.index).astype("float64").round()
        most = fresh[whole].astype("float64")
        now = fresh[column].astype("float64")
        new = usual.clip(upper=most).where(usual > now, now)
        rises |= (new > now).to_numpy()
        raised[column] = new.fillna(now).astype("Int64")
    return raised[rises.to_numpy()].reset_index()


def filled(rows: pa.Table, raised: pd.DataFrame, period: str) -> pa.Table:
    """The rows with the minutes of ``raised``, in every version of a row."""
    wanted = raised.set_index(["user_id", period])
    keys = list(zip(rows["user_id"].to_pylist(), rows[period].to_pylist(), strict=True))
    where = pa.array([key in wanted.index for key in keys], pa.bool_())
    for column in wanted.columns:
        minutes = {key: None if pd.isna(v) else int(v) for key, v in wanted[column].items()}
        rows = replaced(rows, str(column), where, pa.array([minutes.get(key) for key in keys]))
    return rows
