import json

import pytest

from features.catalog import FEATURES
from models.baseline import Rule
from serving.why.reasons import (
    from_json,
    model_reasons,
    protective,
    raising,
    rule_reasons,
    to_json,
)

NAN = float("nan")


def test_features_of_one_reason_are_summed_and_the_strongest_speaks(catalogue):
    reasons = model_reasons(
        {"mou_out_fall": 0.25, "rival_share": 0.5, "lock_share": -0.5},
        {"mou_out_fall": 0.52, "rival_share": 0.31, "lock_share": 0.8},
        catalogue,
    )

    assert [(r.code, r.contribution, r.feature) for r in reasons] == [
        ("R01", 0.25 + 0.5, "rival_share"),
        ("R04", -0.5, "lock_share"),
    ]
    assert reasons[0].text_zh == "异网占比31%"
    assert reasons[0].text_en == "31% of the minutes go to rivals"
    assert reasons[1].text_zh == "80%的成员在约"


def test_a_feature_that_pushes_the_other_way_does_not_speak_for_its_reason(catalogue):
    reasons = model_reasons(
        {"mou_out_fall": -0.75, "rival_share": 0.5},
        {"mou_out_fall": -0.2, "rival_share": 0.31},
        catalogue,
    )

    (diversion,) = reasons
    assert diversion.contribution == -0.75 + 0.5
    assert diversion.text_en == "outgoing minutes rose 20%"


def test_the_unknown_never_speaks(catalogue):
    reasons = model_reasons(
        {"mou_out_fall": 0.5, "rival_share": 0.25, "days_since_visit": 2.0},
        {"mou_out_fall": NAN, "rival_share": 0.31, "days_since_visit": NAN},
        catalogue,
    )

    diversion, rest = reasons
    assert (diversion.feature, diversion.contribution) == ("rival_share", 0.5 + 0.25)
    assert (rest.code, rest.feature, rest.contribution) == ("R00", None, 2.0)
    assert raising(reasons) == (diversion,)


def test_one_protective_reason_is_given_and_everything_else_is_summed(catalogue):
    contributions = {"mou_out_fall": 0.5, "lock_share": -1.0, "days_since_visit": -0.25}
    values = {"mou_out_fall": 0.1, "lock_share": 0.9, "days_since_visit": 3.0}

    reasons = model_reasons(contributions, values, catalogue)

    assert [r.code for r in reasons] == ["R01", "R04", "R00"]
    assert protective(reasons).text_en == "90% are under contract"
    assert sum(r.contribution for r in reasons) == 0.5 - 1.0 - 0.25


def test_equal_reasons_stand_by_their_codes_whatever_the_order_of_columns(catalogue):
    values = {"mou_out_fall": 0.1, "lock_share": 0.9, "days_since_visit": 3.0}
    orders = [list(values), list(values)[::-1]]

    found = {
        to_json(model_reasons(dict.fromkeys(names, 0.5), values, catalogue)) for names in orders
    }

    assert len(found) == 1
    assert [r.code for r in from_json(found.pop())] == ["R01", "R04", "R09"]


def test_reasons_survive_json_to_the_bit(catalogue):
    reasons = model_reasons({"lock_share": 0.1 + 0.2}, {"lock_share": 1 / 3}, catalogue)

    text = to_json(reasons)

    assert from_json(text) == reasons
    assert json.loads(text)[0]["text_zh"] == "仅33%的成员在约"


def test_rules_speak_with_their_points_and_their_number(catalogue):
    held = [
        Rule("rival_share", 2, "异网占比达{value:.0%}", "rivals get {value:.0%}", at_least=0.3),
        Rule("mou_out_fall", 3, "打出下降{value:.0%}", "a fall of {value:.0%}", at_least=0.5),
        Rule("lock_share", 1, "几乎无捆绑", "hardly locked in", at_most=0.1),
    ]
    values = {"rival_share": 0.4, "mou_out_fall": 0.52, "lock_share": 0.05}

    reasons = rule_reasons(held, values, catalogue)

    assert [(r.code, r.contribution, r.text_zh) for r in reasons] == [
        ("R01", 2 + 3, "打出下降52%"),
        ("R04", 1, "几乎无捆绑"),
    ]


@pytest.mark.parametrize("feature", FEATURES.values(), ids=lambda feature: feature.name)
def test_every_sentence_of_the_catalogue_has_its_number_in_both_languages(feature):
    for value, contribution in [(feature.low, -0.1), (feature.high, 0.1)]:
        said = feature.sentence(value, contribution)

        assert said.zh
        assert said.en
        assert not {"{", "}"} & set(said.zh + said.en)
