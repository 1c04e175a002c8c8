"""The dictionary says of each feature all there is to know, and is current."""

from __future__ import annotations

from pathlib import Path

import narwhals as nw
import pytest

from features.catalog import FEATURES
from features.definition import MEMBERS, Family, Window, group_feature
from features.dictionary import FAMILIES, dictionary, window_in_words
from features.reasons import Reason
from features.view import view

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {"en": DOCS / "features.md", "zh": DOCS / "features.zh-CN.md"}


@view(reads={"member": None})
def neighbours(known):
    """Members who live next door."""


@pytest.mark.parametrize("language", PAGES)
def test_the_page_is_current(language):
    made_again = f"groupchurn features dictionary --lang {language} --out {PAGES[language].name}"

    assert PAGES[language].read_text(encoding="utf-8") == dictionary(language), made_again


@pytest.mark.parametrize("language", PAGES)
def test_every_feature_has_one_row_with_all_its_cells(language):
    lines = [line for line in dictionary(language).splitlines() if line.startswith("| `")]
    features = [line for line in lines if line.replace("\\|", "").count("|") == 10]

    assert sorted(line.split("`")[1] for line in features) == sorted(FEATURES)


def test_every_family_has_a_name_in_both_languages():
    assert set(FAMILIES) == set(Family.__args__)


@pytest.mark.parametrize(
    ("over", "english", "chinese"),
    [
        (None, "derived from other columns", "由其他特征得出"),
        (MEMBERS, "features of the group's members", "本集团成员的特征"),
        (
            Window("usage_month", 7),
            "last 7 closed months of usage_month",
            "usage_month 最近7个已结月",
        ),
        (
            Window("usage_dekad", 9, "members"),
            "last 9 closed dekads of usage_dekad, by way of the members",
            "usage_dekad 最近9个已结旬（经成员）",
        ),
        (Window("visit", 90), "last 90 days of visit", "visit 最近90天"),
        (Window("contract"), "every known row of contract", "contract 全部已知记录"),
        (Window(neighbours), "view neighbours", "视图 neighbours"),
    ],
    ids=str,
)
def test_a_window_is_put_in_words(over, english, chinese):
    assert window_in_words(over, "en") == english
    assert window_in_words(over, "zh") == chinese


def test_a_bar_in_a_meaning_does_not_break_the_table():
    made = group_feature(
        unit="count",
        between=(0, 1),
        family="tier",
        reason=Reason.SIZE,
        raises=("多{value:.0f}", "more: {value:.0f}"),
        lowers=("少", "less"),
    )(shared)

    row = next(line for line in dictionary("en", [made]).splitlines() if "`shared`" in line)

    assert row == (
        "| `shared` | This \\| that. | count | 0 … 1 | derived from other columns | unknown "
        "| R15 size and its change | either | more: … / less |"
    )


def shared(members: nw.Expr) -> nw.Expr:
    """This | that."""
    return members
