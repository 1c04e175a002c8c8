import numpy as np
import pandas as pd
import pytest

from models.errors import FeatureError
from models.frames import feature_frame, golden_rows


def test_numbers_of_any_kind_become_floats_and_the_unknown_becomes_nan():
    table = pd.DataFrame(
        {
            "whole": pd.array([1, None], dtype="Int64"),
            "real": pd.array([0.5, None], dtype="Float64"),
            "flag": pd.array([True, None], dtype="boolean"),
            "plain": [2, 3],
            "group_id": ["acme", "bolt"],
        },
        index=[7, 8],
    )

    frame = feature_frame(table, ["plain", "whole", "real", "flag"])

    expected = pd.DataFrame(
        [[2, 1, 0.5, 1], [3, np.nan, np.nan, np.nan]],
        index=[7, 8],
        columns=["plain", "whole", "real", "flag"],
        dtype="float64",
    )
    pd.testing.assert_frame_equal(frame, expected)


def test_a_long_list_of_missing_features_is_cut():
    with pytest.raises(FeatureError, match=r"missing: f0, f1, .*, f7 and 12 more; compute"):
        feature_frame(pd.DataFrame(), [f"f{number}" for number in range(20)])


def test_golden_rows_cover_the_range_and_the_unknown():
    real = pd.DataFrame({"usage": np.arange(1000.0), "never_known": np.nan})

    golden = golden_rows(real, count=50, seed=1)

    assert golden.shape == (50, 2)
    assert golden.iloc[0].isna().all()
    assert golden["usage"].min() <= 999 * 1 / 49
    assert golden["usage"].max() >= 999 * 48 / 49
    assert golden["never_known"].isna().all()
