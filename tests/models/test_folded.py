"""Scores of many folds: judged inside each fold, brought onto one scale for a list."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from models.folded import Held, WithinFolds, held_out, on_one_scale
from models.inner_choice import fit_by_inner_choice
from models.metrics import Ranking, auc, lift_at
from models.out_of_fold import score_unseen
from models.split import stratified_folds

# Two folds of four. Inside each the two who left stand above the two who stayed; the second
# fold's model thinks less of everybody.
#            a    b    c    d    e    f    g    h
LEFT = np.array([1, 1, 0, 0, 1, 1, 0, 0])
SAID = np.array([0.9, 0.8, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1])
FOLDS = [Held(0, np.arange(4)), Held(0, np.arange(4, 8))]


def test_order_is_judged_inside_each_fold_and_not_across_models():
    """In one heap e and f stand below c and d: of 16 pairs 4 are wrong, .75; inside, none."""
    heap = Ranking.of(LEFT, SAID).weighed(np.ones(8))
    inside = WithinFolds.of(LEFT, SAID[np.newaxis], FOLDS)

    assert auc(heap) == 12 / 16
    assert inside.figures({"auc": auc}, np.ones(8)) == {"auc": 1.0}


def test_a_figure_is_the_mean_of_the_folds_own():
    """The second fold's order is turned round: 1 and 0, .5 on average; lift of a half 2 and 0."""
    turned = np.concatenate([SAID[:4], SAID[:3:-1]])
    inside = WithinFolds.of(LEFT, turned[np.newaxis], FOLDS)

    each = inside.each({"auc": auc}, np.ones(8))

    assert each["auc"].tolist() == [1.0, 0.0]
    of_a_half = partial(lift_at, share=0.5)
    assert inside.figures({"auc": auc, "lift": of_a_half}, np.ones(8)) == {"auc": 0.5, "lift": 1.0}


def test_a_fold_in_which_a_figure_is_undefined_does_not_count():
    inside = WithinFolds.of([1, 1, 0, 0, 0, 0, 0, 0], SAID[np.newaxis], FOLDS)

    assert inside.figures({"auc": auc}, np.ones(8)) == {"auc": 1.0}


def test_a_customer_who_is_drawn_twice_counts_twice():
    """Pairs of the first fold (a, b against c, d) with c above b: 3 of 4; c twice: 4 of 6."""
    said = np.array([[0.9, 0.5, 0.6, 0.1]])
    inside = WithinFolds.of(LEFT[:4], said, FOLDS[:1])

    assert inside.figure(auc)(np.ones(4)) == 3 / 4
    assert inside.figure(auc)(np.array([1.0, 1.0, 2.0, 1.0])) == pytest.approx(4 / 6)


def test_a_list_has_all_folds_on_one_scale():
    """The first of each fold share (.9 + .4) / 2, and so on; the mean of all stays .475."""
    one = on_one_scale(SAID[np.newaxis], FOLDS)

    assert one[0] == pytest.approx([0.65, 0.55, 0.4, 0.3, 0.65, 0.55, 0.4, 0.3])
    assert one.mean() == pytest.approx(SAID.mean())


def test_equal_scores_of_a_fold_stay_equal():
    one = on_one_scale(np.array([[0.5, 0.5, 0.5, 0.1, 0.8, 0.6, 0.4, 0.2]]), FOLDS)[0]

    assert one[0] == one[1] == one[2] > one[3]
    assert (np.diff(one[4:]) < 0).all()


def test_folds_of_unequal_size_are_brought_onto_one_scale():
    parts = [Held(0, np.arange(3)), Held(0, np.arange(3, 8))]

    one = on_one_scale(SAID[np.newaxis], parts)[0]

    assert (np.diff(one[:3]) < 0).all()
    assert (np.diff(one[3:]) < 0).all()
    assert one[1] == pytest.approx(one[5])  # the middle of each


@pytest.fixture(scope="module")
def rows(fit_rows):
    return fit_rows.take(np.arange(400))


def test_the_labels_of_those_held_out_do_not_move_their_own_scores(rows, recipe):
    """All labels of the first part are turned round: its scores stay, those of others move."""
    deals = list(stratified_folds(rows.label, folds=4, repeats=1, seed=5))
    first = deals[0][1]
    turned = np.array(rows.label)
    turned[first] = 1 - turned[first]
    fit = partial(fit_by_inner_choice, candidates=(), recipe=recipe, folds=3)

    before = score_unseen(rows, fit, deals, 4)
    after = score_unseen(replace(rows, label=turned), fit, deals, 4)

    others = np.setdiff1d(np.arange(400), first)
    np.testing.assert_array_equal(before.probability[0, first], after.probability[0, first])
    np.testing.assert_array_equal(before.explained[0, first], after.explained[0, first])
    assert (before.probability[0, others] != after.probability[0, others]).mean() > 0.9


def test_every_row_is_held_out_once_a_repeat(rows):
    deals = list(stratified_folds(rows.label, folds=4, repeats=2, seed=5))

    parts = held_out(deals, 4)

    for repeat in range(2):
        of_it = np.concatenate([part.rows for part in parts if part.repeat == repeat])
        assert sorted(of_it) == list(range(400))
