import numpy as np
import pytest

from simulator.draws import Draws, beta, dekad_hazard, gamma

PEOPLE = np.arange(200_000)


def test_a_number_does_not_depend_on_the_order_of_drawing():
    forwards = Draws(1).uniform("rain", PEOPLE, 7)
    backwards = Draws(1).uniform("rain", PEOPLE[::-1], 7)

    assert (forwards == backwards[::-1]).all()


def test_a_number_does_not_depend_on_who_else_is_drawn_or_on_other_processes():
    draws = Draws(1)
    draws.normal("wind", PEOPLE)

    alone = draws.uniform("rain", [41], 7)

    assert alone[0] == Draws(1).uniform("rain", PEOPLE, 7)[41]


def test_seed_process_entity_and_step_each_change_the_number():
    base = Draws(1).uniform("rain", [41], 7)[0]

    others = [
        Draws(2).uniform("rain", [41], 7)[0],
        Draws(1).uniform("wind", [41], 7)[0],
        Draws(1).uniform("rain", [42], 7)[0],
        Draws(1).uniform("rain", [41], 8)[0],
    ]

    assert base not in others
    assert len(set(others)) == 4


def test_uniform_numbers_fill_the_open_interval_evenly():
    numbers = Draws(1).uniform("rain", PEOPLE)

    assert numbers.min() > 0
    assert numbers.max() < 1
    assert np.histogram(numbers, 10, (0, 1))[0] == pytest.approx(20_000, rel=0.03)


def test_neighbouring_entities_and_steps_are_unrelated():
    draws = Draws(1)
    today, tomorrow = draws.normal("rain", PEOPLE, 7), draws.normal("rain", PEOPLE, 8)

    assert abs(np.corrcoef(today, tomorrow)[0, 1]) < 0.01
    assert abs(np.corrcoef(today[1:], today[:-1])[0, 1]) < 0.01


def test_the_distributions_have_their_means_and_spreads():
    draws = Draws(1)
    normal, chance = draws.normal("z", PEOPLE), draws.uniform("u", PEOPLE)

    assert (normal.mean(), normal.std()) == pytest.approx((0, 1), abs=0.01)
    assert beta(chance, 6, 2.5).mean() == pytest.approx(6 / (6 + 2.5), abs=0.005)
    assert gamma(chance, 2).std() == pytest.approx(1 / 2**0.5, abs=0.01)
    assert draws.count("n", 2.5, PEOPLE).mean() == pytest.approx(2.5, abs=0.02)
    assert draws.count("n", 2.5, PEOPLE).var() == pytest.approx(2.5, abs=0.05)


def test_a_higher_mean_never_gives_a_lower_count():
    draws = Draws(1)

    fewer, more = draws.count("n", 1.0, PEOPLE), draws.count("n", 1.5, PEOPLE)

    assert (more >= fewer).all()


def test_choices_follow_their_weights():
    chosen = Draws(1).choice("colour", [1, 0, 3], PEOPLE)

    assert np.bincount(chosen, minlength=3) / len(PEOPLE) == pytest.approx(
        [0.25, 0, 0.75], abs=0.01
    )


def test_three_dekads_make_a_month():
    dekad = dekad_hazard(0.3)

    assert 1 - (1 - dekad) ** 3 == pytest.approx(0.3)


def test_tokens_are_32_hexadecimal_digits_and_differ():
    tokens = Draws(1).token("number", PEOPLE[:1000])

    assert len(set(tokens)) == 1000
    assert all(len(token) == 32 and int(token, 16) >= 0 for token in tokens)
