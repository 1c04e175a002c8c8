from __future__ import annotations

from dataclasses import replace

from planted_models import MADE_OF, READS

from features.catalog import FEATURES
from features.definition import Feature
from models.feature_version import feature_version


def test_words_do_not_make_another_feature_but_a_formula_does():
    feature: Feature = FEATURES["lock_share"]
    reworded = {**FEATURES, "lock_share": replace(feature, family="usage")}
    wider = {**FEATURES, "lock_share": replace(feature, high=2.0)}
    other = {
        **FEATURES,
        "lock_share": replace(feature, formula=FEATURES["key_lock_share"].formula),
    }

    assert feature_version(READS, reworded) == MADE_OF["feature_version"]
    assert feature_version(READS, wider) != MADE_OF["feature_version"]
    assert feature_version(READS, other) != MADE_OF["feature_version"]


def test_a_feature_counts_with_those_that_it_is_made_from():
    made = FEATURES["call_circle_change"]
    inner = made.inputs[0]
    changed = {**FEATURES, inner: replace(FEATURES[inner], empty=99.0)}

    assert feature_version([made.name], changed) != feature_version([made.name], FEATURES)
