"""The effect of treating, from a random holdout: its value, its interval, and when it is silent."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.effect import Effect, Enough, apart, measured
from models.errors import EvaluationError

ENOUGH = Enough(holdout=30, moved=5)


def arms(
    treated: int, treated_moved: int, held: int, held_moved: int, **columns: object
) -> pd.DataFrame:
    """So many episodes of each arm, each of a group of its own, so many of whom moved."""
    moved = [1.0] * treated_moved + [0.0] * (treated - treated_moved)
    moved += [1.0] * held_moved + [0.0] * (held - held_moved)
    return pd.DataFrame(
        {
            "group_id": [f"g{n}" for n in range(treated + held)],
            "drawn_on": pd.Timestamp("2010-01-03"),
            "arm": ["treat"] * treated + ["holdout"] * held,
            "propensity": treated / (treated + held),
            "value_fen": 1000,
            "moved": moved,
            **columns,
        }
    )


def told(effect: Effect) -> tuple[float, float, float]:
    return effect.difference.value, effect.difference.low, effect.difference.high


def test_saved_groups_are_what_the_holdout_loses_more() -> None:
    effect = measured(arms(900, 63, 100, 10), ENOUGH)
    # 10 of 100 less 63 of 900: 10 % − 7 % = 3 points, of 900 treated 27 groups, 1,000 fen each.
    assert effect.difference.value == pytest.approx(0.03)
    assert effect.saved.value == pytest.approx(27)
    assert effect.margin_fen.value == pytest.approx(27_000)
    assert (effect.treated_moved, effect.held_moved, effect.enough) == (63, 10, True)


def test_the_interval_is_newcombes_of_both_wilson_intervals() -> None:
    # Newcombe (1998), table II, (a): 56/70 less 48/80 is .2, from .0524 to .3339 by method 10.
    value, low, high = told(measured(arms(80, 48, 70, 56), ENOUGH))
    assert value == pytest.approx(0.2)
    assert (low, high) == pytest.approx((0.0524, 0.3339), abs=0.002)


def test_no_events_still_have_an_interval() -> None:
    _, low, high = told(measured(arms(90, 0, 10, 0), ENOUGH))
    # Wilson's upper bound of 0 of n is z² / (n + z²): 3.84 / 93.84 = .041 and 3.84 / 13.84 = .278.
    assert (low, high) == pytest.approx((-0.041, 0.278), abs=0.001)


def test_few_episodes_are_not_enough_and_it_says_how_many_are_lacking() -> None:
    effect = measured(arms(90, 3, 10, 0), ENOUGH)
    assert not effect.enough
    assert (effect.missing_held, effect.missing_moved) == (20, 2)


def test_a_group_that_moves_in_several_episodes_is_one_group() -> None:
    episodes = arms(40, 6, 40, 6, group_id=["a"] * 6 + [f"g{n}" for n in range(74)])
    assert measured(episodes, Enough(holdout=1, moved=8)).missing_moved == 1


def test_who_is_not_known_yet_waits() -> None:
    episodes = arms(90, 9, 10, 2)
    episodes.loc[:4, "moved"] = np.nan
    effect = measured(episodes, ENOUGH)
    assert (effect.waiting, effect.treated, effect.treated_moved) == (5, 85, 4)


def test_rare_chances_weigh_more() -> None:
    # Of those with propensity .5 nobody moves, of those with .9 everybody who is held out does.
    rows = pd.concat(
        [
            arms(50, 0, 50, 0, propensity=0.5),
            arms(90, 0, 10, 10, propensity=0.9).assign(group_id=[f"h{n}" for n in range(100)]),
        ]
    )
    # Held out: 50 weigh 1 / .5 = 2, 10 weigh 1 / .1 = 10; so 100 of 200 move, not 10 of 60.
    assert measured(rows, ENOUGH).held_rate.value == pytest.approx(0.5)


def test_a_group_repeated_ten_times_tells_no_more_than_once() -> None:
    once = arms(60, 12, 60, 24)
    ten = pd.concat([once] * 10, ignore_index=True)
    narrow, wide = (measured(rows, ENOUGH).difference for rows in (ten, once))
    assert narrow.value == pytest.approx(wide.value)
    assert narrow.high - narrow.low == pytest.approx(wide.high - wide.low, rel=0.02)


def test_the_order_of_rows_never_matters() -> None:
    rows = arms(90, 9, 30, 5)
    shuffled = rows.sample(frac=1, random_state=1)
    assert told(measured(rows, ENOUGH)) == pytest.approx(told(measured(shuffled, ENOUGH)))


def test_one_arm_alone_leaves_everything_open() -> None:
    effect = measured(arms(50, 5, 0, 0, propensity=0.9), ENOUGH)
    assert np.isnan(effect.difference.value)
    assert not effect.enough


@pytest.mark.parametrize(
    ("change", "why"),
    [({"arm": "control"}, "no arm"), ({"propensity": 1.0}, "between 0 and 1")],
)
def test_what_was_not_drawn_at_random_is_refused(change: dict[str, object], why: str) -> None:
    with pytest.raises(EvaluationError, match=why):
        measured(arms(5, 1, 5, 1).assign(**change), ENOUGH)


def test_who_is_drawn_again_in_a_window_is_in_the_same_episode() -> None:
    days = pd.to_datetime(["2010-01-03", "2010-02-03", "2010-04-13", "2010-01-13"])
    rows = pd.DataFrame({"group_id": ["a", "a", "a", "b"], "drawn_on": days})
    # 31 days after the first is inside 100 days; 100 days after it, a new one begins.
    assert apart(rows, 100)["drawn_on"].dt.strftime("%m-%d").tolist() == ["01-03", "01-13", "04-13"]


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    held_it = 0
    for _ in range(200):
        risk = rng.beta(1, 11, 300)
        treat = rng.random(300) < 0.9
        moved = rng.random(300) < risk * np.where(treat, 0.7, 1.0)
        rows = pd.DataFrame(
            {
                "group_id": range(300),
                "drawn_on": pd.Timestamp("2010-01-03"),
                "arm": np.where(treat, "treat", "holdout"),
                "propensity": 0.9,
                "value_fen": 1.0,
                "moved": moved.astype(float),
            }
        )
        found = measured(rows, ENOUGH).difference
        held_it += found.low <= (0.3 * risk).mean() <= found.high
    # 95 % of 200 is 190; by chance alone fewer than 182 come in one of 150 such tests.
    assert held_it >= 182
