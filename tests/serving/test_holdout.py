"""Who is held out by lot: a tenth, repeatable, blind to the score, and for a whole episode."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from casebooks import rules
from hypothesis import given, settings, strategies as st

from pipelines.settings import load
from serving.alerting.holdout import HoldoutRule, arms, lot
from serving.casebook.book import Casebook
from serving.casebook.export import frames
from serving.errors import ListError

DAY = date(2011, 1, 3)
RULE = HoldoutRule(share=0.10, seed="1", hold_days=100)


def standing(count=1, level="orange", tier="C", method="model", first=0):
    ids = [f"G{number:05d}" for number in range(first, first + count)]
    return pd.DataFrame({"group_id": ids, "tier": tier, "level": level, "method": method})


def log(*rows, source="groupchurn"):
    """group, arm, chooser and the day of the list of each treatment."""
    columns = ["group_id", "arm", "assigned_by", "on"]
    frame = pd.DataFrame(rows, columns=columns)
    ids = [
        f"{'H' if row.assigned_by == 'random' else 'R'}{row.on:%Y%m%d}-{row.group_id}"
        for row in frame.itertuples()
    ]
    given_out = [pd.Timestamp(day) + pd.Timedelta(days=2, hours=12) for day in frame["on"]]
    chance = np.where(frame["assigned_by"] == "random", 0.9, 1.0)
    told = {"treatment_id": ids, "assign_time": given_out, "propensity": chance}
    return frame.drop(columns="on").assign(**told, src_system=source)


def one(drawn):
    assert len(drawn) == 1
    return drawn.iloc[0].to_dict()


def held(day=DAY, rule=RULE):
    """A group that the lot of a day holds out."""
    return next(f"G{n:05d}" for n in range(1000) if lot(f"G{n:05d}", day, rule.seed) < rule.share)


def test_the_rule_that_ships_keeps_an_arm_for_the_whole_label_window():
    shipped = load()

    assert shipped.holdout.hold_days >= shipped.label.window_days
    assert shipped.holdout.rule() == RULE


def test_a_tenth_of_ten_thousand_groups_is_held_out():
    drawn = arms(standing(10_000), None, DAY, RULE)

    count = int((drawn["arm"] == "holdout").sum())
    # Of 10,000 at .10, the deviation is 30; five of them are missed once in two million.
    assert abs(count - 1000) <= 5 * math.sqrt(10_000 * 0.1 * 0.9)
    assert set(drawn["propensity"]) == {0.9}
    assert set(drawn["how"]) == {"drawn"}


def test_the_lot_knows_nothing_of_score_order_or_other_groups():
    levels = standing(2000)
    score = np.linspace(0, 1, 2000)
    drawn = arms(levels, None, DAY, RULE)
    out = (drawn["arm"] == "holdout").to_numpy()
    shuffled = levels.sample(frac=1, random_state=2)

    pd.testing.assert_frame_equal(arms(shuffled, None, DAY, RULE), drawn)
    fewer = arms(levels.iloc[::3], None, DAY, RULE)
    some = drawn[drawn["group_id"].isin(fewer["group_id"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(fewer, some)
    # Mean score of n of 2,000 evenly spread: deviation .289 / sqrt(n).
    assert abs(score[out].mean() - 0.5) < 4 * 0.289 / math.sqrt(out.sum())
    yellow = arms(levels.assign(level="yellow"), None, DAY, RULE)
    assert yellow["arm"].tolist() == drawn["arm"].tolist()


def test_another_day_or_seed_is_another_lot():
    levels = standing(2000)
    first = arms(levels, None, DAY, RULE)["arm"]
    day = arms(levels, None, DAY + timedelta(days=10), RULE)["arm"]
    seed = arms(levels, None, DAY, HoldoutRule(0.10, "2", 100))["arm"]

    for other in (day, seed):
        both = ((first == "holdout") & (other == "holdout")).mean()
        assert abs(both - 0.01) < 5 * math.sqrt(0.01 * 0.99 / 2000)


@pytest.mark.parametrize(
    ("tier", "level"),
    [("C", "red"), ("C", "blue"), ("A1", "orange"), ("B2", "yellow"), ("A2", "red")],
)
def test_red_blue_and_large_groups_are_never_held_out(tier, level):
    drawn = arms(standing(3000, level, tier), None, DAY, RULE)

    assert set(drawn["arm"]) == {"treat"}
    assert set(drawn["propensity"]) == {1.0}
    assert set(drawn["how"]) == {"not_drawn"}


def test_groups_without_a_level_are_not_asked():
    assert arms(standing(5, "none"), None, DAY, RULE).empty


@pytest.mark.parametrize("arm", ["treat", "holdout"])
@pytest.mark.parametrize(("days", "how"), [(10, "kept"), (99, "kept"), (100, "drawn")])
def test_a_group_keeps_its_arm_for_an_episode(arm, days, how):
    drawn = one(arms(standing(), log(("G00000", arm, "random", DAY)), DAY + timedelta(days), RULE))

    assert drawn["how"] == how
    if how == "kept":
        assert (drawn["arm"], drawn["propensity"], drawn["drawn_on"]) == (arm, 0.9, DAY)
        assert drawn["treatment_id"] == "H20110103-G00000"


def test_a_kept_arm_does_not_lengthen_the_episode():
    """The log has one row a draw, so a hundred days are a hundred days."""
    before = log(("G00000", "holdout", "random", DAY))
    ends = DAY + timedelta(days=100)

    assert one(arms(standing(), before, ends - timedelta(days=1), RULE))["how"] == "kept"
    assert one(arms(standing(), before, ends, RULE))["drawn_on"] == ends


def test_a_group_that_is_being_handled_is_not_drawn():
    group = held(DAY + timedelta(days=20))
    levels = standing().assign(group_id=group)
    before = log((group, "treat", "model", DAY))

    assert one(arms(levels, None, DAY + timedelta(days=20), RULE))["arm"] == "holdout"
    assert one(arms(levels, before, DAY + timedelta(days=20), RULE))["how"] == "not_drawn"


def test_what_others_logged_binds_nobody():
    group = held()
    before = log((group, "treat", "random", DAY - timedelta(days=5)), source="CRM")

    assert one(arms(standing().assign(group_id=group), before, DAY, RULE))["arm"] == "holdout"


def test_a_held_out_group_that_rises_to_red_stays_held_out():
    before = log(("G00000", "holdout", "random", DAY - timedelta(days=10)))

    assert one(arms(standing(level="red"), before, DAY, RULE))["arm"] == "holdout"


def test_a_hard_trigger_releases_it_and_it_stays_released():
    before = log(("G00000", "holdout", "random", DAY - timedelta(days=10)))
    alarm = one(arms(standing(level="red", method="trigger"), before, DAY, RULE))
    later = pd.concat([before, log(("G00000", "treat", "model", DAY))])
    after = one(arms(standing(level="yellow"), later, DAY + timedelta(days=10), RULE))

    assert (alarm["arm"], alarm["how"]) == ("treat", "released")
    assert (after["arm"], after["how"]) == ("treat", "released")
    business = one(arms(standing(level="blue", method="trigger"), before, DAY, RULE))
    assert business["arm"] == "holdout"


def test_a_group_that_stands_twice_is_refused():
    twice = pd.concat([standing(), standing()])

    with pytest.raises(ListError, match="group G00000 stands more than once"):
        arms(twice, None, DAY, RULE)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.sampled_from(["orange", "yellow", "red", "blue", "none"]), min_size=2, max_size=10),
    st.integers(0, 500),
)
def test_whatever_becomes_of_its_level_a_drawn_group_keeps_its_arm(path, number):
    """Ten lists in a row, each of whose draws go into the log."""
    before, first = None, None
    for step, level in enumerate(["orange", *path[:9]]):
        day = DAY + timedelta(days=10 * step)
        drawn = arms(standing(first=number, level=level), before, day, RULE)
        if drawn.empty:
            continue
        row = one(drawn)
        first = first or row["arm"]
        assert row["arm"] == first
        if row["how"] == "drawn":
            new = log((row["group_id"], row["arm"], "random", day))
            before = new if before is None else pd.concat([before, new])


def test_what_the_casebook_exports_is_the_log_that_the_next_list_reads(tmp_path):
    levels = standing(200).assign(probability=0.15)
    rows = levels.assign(as_of=DAY, list_id="L1", batch_id="B1")
    first = arms(levels, None, DAY, RULE)
    with Casebook.open(tmp_path / "c.db", rules()) as book:
        opened = book.open_cases(rows, first)
        told = frames(book)["treatment"]
        again = arms(levels, told, DAY, RULE)
        later = DAY + timedelta(days=10)
        second = arms(levels, told, later, RULE)
        next_list = rows.assign(as_of=later, list_id="L2")
        assert book.open_cases(next_list, second).continued == 200

    out = int((first["arm"] == "holdout").sum())
    assert (opened.hidden, opened.opened) == (out, 200 - out)
    same = ["group_id", "arm", "propensity", "drawn_on", "treatment_id"]
    pd.testing.assert_frame_equal(again[same], first[same])
    pd.testing.assert_frame_equal(second[same], first[same])
    assert set(second["how"]) == {"kept"}
