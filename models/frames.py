"""Feature tables as the model reads them: columns by name, numbers or unknown, nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.errors import FeatureError

Floats = NDArray[np.float64]

SHOWN_AT_MOST = 8


def feature_frame(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """The named columns of a table, in the order of the names, as float64.

    Args:
        table: Any table that holds the columns; their order is free, others are left out.
        names: Feature names in the order the model was trained with.

    Returns:
        A frame of shape ``(len(table), len(names))`` with the table's index; NaN is unknown.

    Raises:
        FeatureError: Columns are missing, stand twice, are no numbers, or are infinite.
    """
    _refuse("these features are missing", [name for name in names if name not in table.columns])
    selected = table.loc[:, list(names)]
    _refuse("these columns stand more than once", selected.columns[selected.columns.duplicated()])
    _refuse(
        "these columns hold something that is no number",
        [str(name) for name in names if not pd.api.types.is_numeric_dtype(selected[name])],
    )
    values = selected.to_numpy(dtype=np.float64, na_value=np.nan)
    _refuse("these columns hold infinity", np.array(names)[np.isinf(values).any(axis=0)])
    return pd.DataFrame(values, index=table.index, columns=list(names), copy=False)


def golden_rows(features: pd.DataFrame, *, count: int = 50, seed: int = 0) -> pd.DataFrame:
    """Made-up rows in the range of real ones, to prove later that a model still scores alike.

    Each column is filled with its own quantiles, shuffled apart from the other columns, so that
    no customer's row is stored with the model. The first row knows nothing at all.
    """
    rng = np.random.default_rng(seed)
    shares = np.linspace(0, 1, count)
    columns = {}
    for name in features.columns:
        known = features[name].dropna().to_numpy()
        values = np.quantile(known, shares) if len(known) else np.full(count, np.nan)
        values = rng.permutation(values)
        values[rng.random(count) < features[name].isna().mean()] = np.nan
        values[:1] = np.nan
        columns[name] = values
    return pd.DataFrame(columns)


def _refuse(what: str, found: Iterable[object]) -> None:
    names = [str(name) for name in found]
    if names:
        more = f" and {len(names) - SHOWN_AT_MOST} more" if len(names) > SHOWN_AT_MOST else ""
        raise FeatureError(
            f"feature table: {what}: {', '.join(names[:SHOWN_AT_MOST])}{more}; "
            "compute the features again with the catalog that the model was trained with"
        )
