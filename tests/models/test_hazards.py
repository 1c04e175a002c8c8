"""Member models that look only back: no score of a day comes from a model that knew that day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from models.bundle import load, save
from models.errors import TrainingRefused
from models.hazards import Hazard, HazardConfig, Hazards, rolling_scores, score_members
from models.training import TrainingConfig

DAYS = [date(2010, month, 3) for month in range(1, 13)]
DIVERT = Hazard("divert", "L_member_divert_60/1", matures_after=100)
QUICK = TrainingConfig(
    seed=7,
    threads=1,
    rounds=20,
    learning_rate=0.2,
    leaves=4,
    minimum_rows_per_leaf=10,
    minimum_positives=5,
)
CONFIG = HazardConfig(QUICK, refit_days=60)
MEMBERS = 60


@pytest.fixture(scope="module")
def members() -> pd.DataFrame:
    """Sixty members on twelve days; ``fall`` tells who will divert, ``noise`` does not."""
    rng = np.random.default_rng(5)
    rows = [(day, f"u{number:02d}", f"g{number % 7}") for day in DAYS for number in range(MEMBERS)]
    frame = pd.DataFrame(rows, columns=["as_of", "user_id", "group_id"])
    return frame.assign(fall=rng.normal(size=len(rows)), noise=rng.normal(size=len(rows)))


@pytest.fixture(scope="module")
def labels(members) -> pd.DataFrame:
    chance = 1 / (1 + np.exp(1 - 2 * members["fall"]))
    drawn = np.random.default_rng(6).random(len(members)) < chance
    return members[["as_of", "user_id"]].assign(divert=drawn.astype(float))


def by_day(members: pd.DataFrame) -> list[pd.DataFrame]:
    return [rows for _, rows in members.groupby("as_of")]


@pytest.fixture(scope="module")
def rolled(members, labels) -> tuple[pd.DataFrame, Hazards]:
    return rolling_scores(by_day(members), labels, [DIVERT], CONFIG)


@pytest.fixture(scope="module")
def scores(rolled) -> pd.DataFrame:
    return rolled[0]


@pytest.fixture(scope="module")
def hazards(rolled) -> Hazards:
    return rolled[1]


def test_days_before_the_first_model_could_be_made_have_no_score(scores):
    # 3 January + 100 days is 13 April: the first scoring day on which its labels are known is May's
    known = scores.groupby("as_of")["divert"].apply(lambda score: score.notna().all())

    assert known.to_dict() == {day: day >= date(2010, 5, 3) for day in DAYS}


def test_each_score_is_that_of_the_newest_model_made_by_its_day(scores):
    made = scores.dropna().groupby("as_of")["divert_origin"].unique()

    assert {day: [str(d.date()) for d in of] for day, of in made.items()} == {
        date(2010, 5, 3): ["2010-05-03"],
        date(2010, 6, 3): ["2010-05-03"],
        date(2010, 7, 3): ["2010-07-03"],
        date(2010, 8, 3): ["2010-07-03"],
        date(2010, 9, 3): ["2010-09-03"],
        date(2010, 10, 3): ["2010-09-03"],
        date(2010, 11, 3): ["2010-11-03"],
        date(2010, 12, 3): ["2010-11-03"],
    }


@pytest.mark.parametrize("day", DAYS[4:])
def test_no_score_changes_by_a_bit_whatever_becomes_known_after_its_day(
    members, labels, scores, day
):
    """Labels that matured after the day are turned around, rows after it are made nonsense."""
    immature = labels["as_of"] > DIVERT.known_until(day)
    turned = labels.assign(divert=labels["divert"].where(~immature, 1 - labels["divert"]))
    nonsense = members.assign(fall=members["fall"].where(members["as_of"] <= day, 99.0))

    again, _ = rolling_scores(by_day(nonsense), turned, [DIVERT], CONFIG)

    of_the_day = scores["as_of"] <= day
    pd.testing.assert_frame_equal(again[of_the_day], scores[of_the_day], check_exact=True)


def test_a_label_that_matures_later_does_not_tell_another_model_whom_to_learn_from(members, labels):
    soon = Hazard("soon", "L_soon/1", matures_after=60)
    both = labels.assign(soon=labels["divert"].to_numpy()[::-1])
    turned = both.assign(divert=1 - both["divert"])
    config = replace(CONFIG, negatives_per_row=4)

    one, _ = rolling_scores(by_day(members), both, [soon, DIVERT], config)
    other, _ = rolling_scores(by_day(members), turned, [soon, DIVERT], config)

    assert one["soon"].equals(other["soon"])
    assert not one["divert"].equals(other["divert"])


def test_days_that_are_added_later_change_no_earlier_score(members, labels, scores):
    early = members[members["as_of"] <= date(2010, 8, 3)]

    before, _ = rolling_scores(by_day(early), labels, [DIVERT], CONFIG)

    pd.testing.assert_frame_equal(before, scores.iloc[: len(before)], check_exact=True)


def test_the_order_of_rows_changes_no_score(members, labels, scores):
    shuffled = members.sample(frac=1, random_state=1)

    again, _ = rolling_scores(
        by_day(shuffled), labels.sample(frac=1, random_state=2), [DIVERT], CONFIG
    )

    pd.testing.assert_frame_equal(again, scores, check_exact=True)


def test_days_must_come_in_their_order(members, labels):
    january, february = by_day(members)[:2]

    with pytest.raises(TrainingRefused, match="2010-01-03: days must come one by one"):
        rolling_scores([february, january], labels, [DIVERT], CONFIG)


def test_members_who_will_divert_score_higher(scores, labels):
    both = scores.merge(labels.rename(columns={"divert": "diverted"}), on=["as_of", "user_id"])

    mean = both.dropna().groupby("diverted")["divert"].mean()

    assert mean[1.0] > mean[0.0] + 0.1


def test_a_model_is_made_only_of_days_whose_labels_were_known(hazards):
    model = hazards.model(DIVERT, date(2010, 7, 3))

    # 3 March + 100 days is 11 June, 3 April + 100 days is 12 July
    assert model.metadata["last_day"] == "2010-03-03"
    assert model.metadata["fit_rows"] == 3 * MEMBERS


def test_members_not_at_risk_are_not_learnt_from(members, labels):
    some = labels.assign(divert=labels["divert"].where(members["user_id"] > "u09"))

    _, hazards = rolling_scores(by_day(members), some, [DIVERT], CONFIG)

    assert hazards.model(DIVERT, date(2010, 7, 3)).metadata["fit_rows"] == 3 * (MEMBERS - 10)


def test_leaving_out_most_of_those_who_stay_does_not_raise_the_risk(members, labels, hazards):
    third = replace(CONFIG, negatives_per_row=3)
    _, thinned = rolling_scores(by_day(members), labels, [DIVERT], third)
    origin = date(2010, 12, 3)
    every, fewer = hazards.model(DIVERT, origin), thinned.model(DIVERT, origin)

    assert fewer.metadata["fit_positives"] == every.metadata["fit_positives"]
    assert fewer.metadata["fit_rows"] < 0.7 * every.metadata["fit_rows"]
    # a third of the negatives, each counting once, would say .54 instead of .33
    assert fewer.probability(members).mean() == pytest.approx(
        every.probability(members).mean(), abs=0.06
    )


def test_the_newest_model_scores_the_day_of_the_list(members, hazards):
    models = hazards.newest(date(2011, 1, 3))
    today = members[members["as_of"] == DAYS[-1]]

    scored = score_members(models, today)

    # 3 September + 100 days is 12 December, 3 October + 100 days is 11 January
    assert models["divert"].metadata["last_day"] == "2010-09-03"
    assert scored["divert"].tolist() == models["divert"].probability(today).tolist()


def test_a_member_model_is_saved_and_read_back_like_any_other(members, hazards, tmp_path):
    model = hazards.model(DIVERT, date(2010, 12, 3))
    save(model, tmp_path)

    again = load(tmp_path)

    assert again.probability(members).tolist() == model.probability(members).tolist()
    assert (again.name, again.label) == ("hazard_divert", "L_member_divert_60/1")


def test_a_known_direction_is_kept(members, labels):
    wrong_way = replace(CONFIG, directions={"fall": -1, "not_there": 1})
    _, hazards = rolling_scores(by_day(members), labels, [DIVERT], wrong_way)

    margin = hazards.model(DIVERT, date(2010, 12, 3)).margin(
        pd.DataFrame({"fall": np.linspace(-3, 3, 20), "noise": 0.0})
    )

    assert (np.diff(margin) <= 0).all()


def test_a_first_model_waits_for_enough_days(members, labels):
    patient = replace(CONFIG, fewest_days=4)

    scores, _ = rolling_scores(by_day(members), labels, [DIVERT], patient)

    # January to April are known from 3 April + 100 days, 12 July, on
    assert scores.dropna()["as_of"].min() == date(2010, 8, 3)


def test_without_a_single_known_label_it_says_what_is_missing(hazards):
    with pytest.raises(TrainingRefused, match="not one label was known by 2010-03-03, it takes"):
        hazards.model(DIVERT, date(2010, 3, 3))


def test_a_hazard_with_too_few_cases_waits_until_there_are_enough(members, labels):
    rare = labels.copy()
    early = rare["as_of"] <= date(2010, 3, 3)
    cases = rare[early & (rare["divert"] == 1)].index
    rare.loc[cases[3:], "divert"] = 0

    scores, _ = rolling_scores(by_day(members), rare, [DIVERT], CONFIG)

    usual, _ = rolling_scores(by_day(members), labels, [DIVERT], CONFIG)
    assert scores.dropna()["as_of"].min() > usual.dropna()["as_of"].min()
