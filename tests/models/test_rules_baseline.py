import numpy as np
import pandas as pd
import pytest

from models.baseline import Rule, rules_hold, rules_points
from models.errors import FeatureError, ModelsError

RULES = (
    Rule("usage_drop", 2, "近三月用量下降三成以上", "usage fell by 30 % or more", at_least=0.3),
    Rule("lock_in_days", 3, "协议六十天内到期", "contract ends within 60 days", at_most=60),
)
GROUPS = pd.DataFrame(
    {
        "usage_drop": [0.3, 0.29, np.nan, 0.9],
        "lock_in_days": [61.0, 60.0, np.nan, -5.0],
    },
    index=["acme", "bolt", "cork", "dent"],
)


def test_points_of_the_rules_that_hold_are_added():
    assert rules_points(GROUPS, RULES).to_dict() == {
        "acme": 2,
        "bolt": 3,
        "cork": 0,  # nothing is known of it
        "dent": 2 + 3,
    }


def test_the_rules_that_hold_are_told():
    assert rules_hold(GROUPS, RULES).loc["acme"].tolist() == [True, False]


def test_a_rule_on_a_missing_feature_is_named():
    with pytest.raises(FeatureError, match="missing: lock_in_days"):
        rules_points(GROUPS[["usage_drop"]], RULES)


def test_a_rule_needs_a_limit():
    with pytest.raises(ModelsError, match="usage_drop: give at_least or at_most"):
        Rule("usage_drop", 1, "", "")
