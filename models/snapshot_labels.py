"""The target of a snapshot in which customers are named as gone, without a day of leaving."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from features.known import ON_NET, Known
from features.tables import Tables, as_pandas


def member_gone(tables: Tables, day: date, known: date) -> pd.DataFrame:
    """``L_member_gone``: on net on ``day``, off net in the newest state known on ``known``.

    Returns:
        One row a member on net on ``day`` of whom a state is known later: ``as_of``, ``user_id``,
        ``group_id``, ``label`` (0 or 1).
    """
    there = Known(tables, [day]).roster().select("as_of", "user_id", "group_id")
    later = Known(tables, [known]).rows("member").select("user_id", "status")
    found = as_pandas(there.join(later, how="inner", on="user_id"), "user_id")
    label = (~found["status"].isin(ON_NET)).astype(np.int64)
    return found[["as_of", "user_id", "group_id"]].assign(label=label)
