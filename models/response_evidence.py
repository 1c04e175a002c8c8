"""What the log of treatments tells of how each group responds: whether it took what it was offered.

Who has refused an offer is likelier to refuse the next one, and who has accepted one to accept it:
a group's kind of response changes slowly. So the log is the best evidence of a group's kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import narwhals as nw
import numpy as np
import pandas as pd

from features import Tables
from features.known import Known
from features.tables import as_pandas

KEY = ["as_of", "group_id"]


def responses_known(tables: Tables, days: Sequence[date], lookback_days: int) -> pd.DataFrame:
    """How often each group took an offer, and how often it did not, as known on each of ``days``.

    Args:
        tables: The operator's tables; without a log of treatments nothing is known.
        days: Days of knowledge.
        lookback_days: Offers made longer ago tell nothing.

    Returns:
        One row a day and group that was reached by an offer of which it is known whether it took
        it: ``as_of``, ``group_id``, ``accepted`` and ``refused`` (counts), and ``since_accepted``
        (days since the newest that it took; NaN without one), sorted.
    """
    columns = [*KEY, "accepted", "refused", "since_accepted"]
    if "treatment" not in tables:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in columns})
    given = Known(tables, days).rows("treatment", lookback_days)
    told = given.filter(
        nw.col("arm") == "treat",
        nw.col("delivered"),
        ~nw.col("accepted").is_null(),
        ~nw.col("group_id").is_null(),
    ).select("as_of", "group_id", "treatment_id", "accepted", "age")
    found = as_pandas(told, "as_of", "group_id", "treatment_id")
    took = found["accepted"].astype(np.int64)
    since = found["age"].astype(np.float64).where(took == 1)
    counted = found[KEY].assign(accepted=took, refused=1 - took, since_accepted=since)
    how = {"accepted": "sum", "refused": "sum", "since_accepted": "min"}
    return counted.groupby(KEY, as_index=False).agg(how)[columns]
