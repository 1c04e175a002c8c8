"""The share of value that goes with a group: small cells lean on the average of all."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from models.errors import FeatureError, ModelRefused, TrainingRefused
from models.severity import Severity, SeverityConfig, fit_severity

CONFIG = SeverityConfig({"members": [10, 30]}, prior_groups=2)
GROUPS = pd.DataFrame({"members": [5.0, 5.0, 20.0, 20.0, 50.0, 50.0]})
MOVED = [1, 0, 1, 0, 1, 0]
LOST = [0.9, 0.0, 0.8, 0.1, 0.4, 0.2]
IDS = list("abcdef")


def table(**changed):
    given = {"rows": GROUPS, "transferred": MOVED, "share_lost": LOST, "group": IDS, **changed}
    return fit_severity(config=CONFIG, **given)


def test_a_cell_leans_on_the_average_of_all_as_much_as_it_is_small():
    average = (0.9 + 0.8 + 0.4) / 3  # .7; a cell holds one group, the average counts for two

    shares = table().share(GROUPS)

    assert shares[0] == pytest.approx((0.9 + 2 * average) / 3)
    assert shares[4] == pytest.approx((0.4 + 2 * average) / 3)


def test_a_size_never_seen_or_unknown_gets_the_average():
    never = pd.DataFrame({"members": [np.nan, 20.0]})
    small_only = table(rows=GROUPS.assign(members=5.0))

    assert small_only.share(never) == pytest.approx([0.7, 0.7])


def test_a_value_on_a_limit_is_in_the_band_above():
    on, above, below = table().share(pd.DataFrame({"members": [10.0, 29.9, 9.9]}))

    assert on == above != below


def test_a_group_seen_on_many_days_counts_no_more_than_any_other():
    rows = GROUPS.iloc[[0, 0, 0, 0, 2, 3]].assign(members=5.0)

    shares = table(
        rows=rows,
        transferred=[1, 1, 1, 1, 1, 0],
        share_lost=[0.9, 0.9, 0.9, 0.9, 0.5, 0.0],
        group=["a", "a", "a", "a", "b", "c"],
    ).share(rows)

    assert shares[0] == pytest.approx((0.9 + 0.5) / 2)


def test_the_expected_loss_counts_those_who_stay_as_well():
    severity = Severity({"members": (10.0,)}, (0.8, 0.6, 0.7), (0.04, 0.02, 0.03))
    small_and_large = pd.DataFrame({"members": [5.0, 20.0]})

    lost = severity.expected(small_and_large, [0.5, 0.0])

    assert lost == pytest.approx([0.5 * 0.8 + 0.5 * 0.04, 0.02])


def test_two_features_cut_the_table_into_cells_of_their_own():
    config = SeverityConfig({"members": [10], "lock_share": [0.5]}, prior_groups=0)
    rows = pd.DataFrame({"members": [5.0, 5, 20, 20, 5], "lock_share": [0.1, 0.9, 0.1, 0.9, 0.1]})

    severity = fit_severity(rows, [1, 1, 1, 1, 0], [0.1, 0.2, 0.3, 0.4, 0.0], list("abcde"), config)

    assert severity.share(rows) == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.1])


def test_a_table_survives_json_to_the_bit_even_with_its_keys_sorted():
    config = SeverityConfig({"members": [10], "lock_share": [0.5]}, prior_groups=3)
    rows = GROUPS.assign(lock_share=[0.1, 0.2, 0.3, 0.7, 0.8, np.nan])
    severity = fit_severity(rows, MOVED, LOST, IDS, config)

    again = Severity.from_json(json.loads(json.dumps(severity.to_json(), sort_keys=True)))

    assert again == severity
    assert again.share(rows).tolist() == severity.share(rows).tolist()


def test_the_order_of_rows_changes_no_bit():
    rng = np.random.default_rng(3)
    rows = pd.DataFrame({"members": rng.integers(3, 60, 200).astype(float)})
    moved, lost = rng.integers(0, 2, 200), rng.random(200)
    ids = rng.integers(0, 50, 200).astype(str)
    order = rng.permutation(200)

    one = fit_severity(rows, moved, lost, ids, CONFIG)
    other = fit_severity(rows.iloc[order], moved[order], lost[order], ids[order], CONFIG)

    assert one == other


def test_rows_with_an_unknown_share_are_left_out():
    with_unknown = table(share_lost=[np.nan, *LOST[1:]])

    assert with_unknown.counts == {"transferred": 2, "stayed": 3}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"transferred": [0] * 6}, "0 groups transferred"),
        ({"share_lost": [1.2, *LOST[1:]]}, "between 0 and 1"),
        ({"group": IDS[1:]}, "for each row"),
    ],
)
def test_what_cannot_make_a_table_is_refused(changed, said):
    with pytest.raises(TrainingRefused, match=said):
        table(**changed)


def test_a_table_asks_for_its_feature_by_name():
    with pytest.raises(FeatureError, match="members"):
        table().share(GROUPS.rename(columns={"members": "size"}))


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"transferred": [0.5]}, "there must be 4 shares"),
        ({"transferred": [0.5, 0.5, 0.5, 1.5]}, "between 0 and 1"),
        ({"transferred": [0.5, 0.5, 0.5, float("nan")]}, "between 0 and 1"),
        ({"limits": [["members", [30, 10]]]}, "must rise"),
        ({"more": 1}, "expected limits"),
    ],
)
def test_a_damaged_table_is_refused(broken, said):
    with pytest.raises(ModelRefused, match=said):
        Severity.from_json({**table().to_json(), **broken})
