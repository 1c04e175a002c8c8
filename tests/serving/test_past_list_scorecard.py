import random
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from serving.scorecard import CASE_COLUMNS, Scorecard, ScorecardRule, difference, scorecard
from serving.scorecard_words import spoken

RULE = ScorecardRule(2, fewest_holdout=4, fewest_lost=3, compared=("orange",), matures_after=170)
OLD, KNOWN, NEWER, NEW = (
    date(2010, 6, 3),
    date(2010, 6, 13),
    date(2010, 6, 23),
    date(2010, 12, 23),
)


def cases(*rows):
    """Cases: list day, group, level, feedback and what became of it (None: not known)."""
    frame = pd.DataFrame(rows, columns=["list_day", "group_id", "level", "feedback", "label"])
    frame["is_holdout"] = frame["feedback"].eq("held back")
    frame["feedback"] = frame["feedback"].mask(frame["is_holdout"])
    return frame.assign(score=0.25, first_contact_time=pd.NaT)


def card(frame, rule=RULE):
    known = frame[frame["list_day"] != NEW]
    labels = known.rename(columns={"list_day": "as_of"})[["as_of", "group_id", "label"]]
    return scorecard(frame[list(CASE_COLUMNS)], labels, rule)


def many(day, level, feedback, label, number, first=0):
    return [(day, f"G{first + n}", level, feedback, label) for n in range(number)]


WORLD = cases(
    *many(OLD, "red", "contacted_kept", 1.0, 5),  # too old: only the last two lists count
    *many(KNOWN, "red", "contacted_kept", 0.0, 3),
    *many(KNOWN, "red", "unreachable", 1.0, 2, 3),
    *many(KNOWN, "red", None, None, 1, 5),
    *many(KNOWN, "orange", "no_risk", 0.0, 18, 6),
    *many(NEWER, "orange", None, 1.0, 2),
    *many(NEWER, "orange", "held back", 1.0, 2, 2),
    *many(NEWER, "orange", "held back", 0.0, 2, 4),
    *many(NEW, "red", "contacted_kept", None, 7),
)


def test_the_last_lists_with_known_outcome_are_added_up_without_those_held_back():
    found = card(WORLD)

    assert found.days == (KNOWN, NEWER)
    red = found.of("red")
    assert (red.listed, red.contacted, red.lost, red.kept, red.unknown) == (6, 3, 2, 3, 1)
    assert red.promised == pytest.approx(5 * 0.25)  # of those whose outcome is known
    assert found.of("orange").listed == 20
    assert found.of("yellow").listed == 0


def test_the_newest_lists_are_named_though_their_outcome_is_not_known():
    found = card(WORLD)

    assert [(row.day, row.listed, row.contacted, row.lost) for row in found.lists] == [
        (NEW, 7, 7, None),
        (NEWER, 2, 0, 2),
        (KNOWN, 24, 21, 2),
    ]


def test_saved_is_what_would_have_been_lost_at_the_rate_of_those_held_back():
    both = card(WORLD).comparison

    # 2 of 4 held back were lost; of 20 listed that would be 10, and 2 were.
    assert (both.listed, both.lost, both.held_back, both.held_back_lost) == (20, 2, 4, 2)
    assert (both.expected_lost, both.saved) == (10, 8)
    assert both.saved_low < 8 < both.saved_high
    low, high = difference(2, 4, 2, 20)
    assert (both.saved_low, both.saved_high) == (20 * low, 20 * high)


@pytest.mark.parametrize("rule", [replace(RULE, fewest_holdout=5), replace(RULE, fewest_lost=5)])
def test_too_few_are_no_comparison_and_the_sheet_says_so(rule):
    found = card(WORLD, rule)

    assert found.comparison.saved is None
    assert "样本还不够" in "".join(spoken(found, "zh").sentences)
    assert "Not enough yet" in "".join(spoken(found, "en").sentences)


def test_the_headline_says_what_became_of_the_reds():
    zh, en = (spoken(card(WORLD), language).sentences[0] for language in ("zh", "en"))

    assert "最近2期结果已知的清单（2010-06-13至2010-06-23）：红6个，已流失2个" in zh
    assert "（模型预计1.2个），联系后仍在网3个。" in zh
    assert "6 red, 2 lost (1.2 promised), 3 contacted and still ours." in en


def test_before_any_outcome_is_known_it_says_when_it_will_be():
    found = card(WORLD[WORLD["list_day"] == NEW])

    assert (found.days, found.levels, found.comparison) == ((), (), None)
    assert "170 days after it" in spoken(found, "en").sentences[0]
    assert spoken(None, "zh").sentences == ("还没有往期清单。",)


def test_a_rules_list_promised_nothing():
    assert card(WORLD.assign(score=None)).of("red").promised is None


def test_the_order_of_rows_never_matters():
    rows = list(range(len(WORLD)))
    random.Random(3).shuffle(rows)

    mixed: Scorecard = card(WORLD.iloc[rows])

    assert mixed == card(WORLD)
