"""A mistake in how a feature is written is told when the catalogue is read, not when it scores."""

from __future__ import annotations

import importlib.util
import sys

import narwhals as nw
import pytest

from features.catalog import FEATURES
from features.checking import check_inputs, check_theme
from features.definition import MEMBERS, Window, group_feature, member_feature
from features.errors import CatalogError
from features.reasons import Reason

SAID = {
    "unit": "count",
    "between": (0, 9),
    "family": "usage",
    "reason": Reason.SIZE,
    "raises": ("有{value:.0f}", "{value:.0f} seen"),
}


@pytest.mark.parametrize(
    ("amiss", "message"),
    [
        ({"unit": " "}, "has no unit"),
        ({"between": (1, 1)}, "has no range"),
        ({"between": (float("nan"), 1)}, "has no range"),
        ({"family": "usages"}, "is of no family: 'usages' is none of usage"),
        ({"direction": 2}, "has no direction: 2"),
        ({"raises": ("有", "")}, "as a pair, Chinese and English"),
        ({"lowers": ("少", " ")}, "as a pair, Chinese and English"),
        ({"raises": "some"}, "as a pair, Chinese and English"),
        ({"raises": ("有{valeu}", "some")}, "cannot be said .'valeu'."),
    ],
)
def test_what_a_feature_lacks_is_told_where_it_is_defined(amiss, message):
    with pytest.raises(CatalogError, match=f"feature 'seen' .*{message}"):

        @member_feature(**{**SAID, **amiss})
        def seen(user_id: nw.Expr) -> nw.Expr:
            """Rows seen."""
            return user_id.count()


def test_a_feature_without_a_docstring_is_refused():
    with pytest.raises(CatalogError, match="has no docstring"):

        @member_feature(**SAID)
        def seen(user_id: nw.Expr) -> nw.Expr:
            return user_id.count()


def looking(entity, over, parameter):
    space = {"__name__": "planted"}
    exec(f"def seen({parameter}):\n    '''Rows seen.'''\n    return {parameter}.count()", space)
    return {"seen": entity(over=over, **SAID)(space["seen"])}


@pytest.mark.parametrize(
    ("entity", "over", "parameter", "message"),
    [
        (member_feature, Window("usage_month", 3), "mou_out", "no column 'mou_out': did you mean"),
        (member_feature, Window("usage_months", 3), "mou_out_m", "no table 'usage_months'"),
        (group_feature, MEMBERS, "tenure_day", "no column 'tenure_day': did you mean tenure_days"),
        (group_feature, None, "memberz", "no column 'memberz': did you mean members"),
    ],
)
def test_an_input_that_is_no_column_is_refused(entity, over, parameter, message):
    with pytest.raises(CatalogError, match=message):
        check_inputs({**FEATURES, **looking(entity, over, parameter)})


THEME = '''
import narwhals as nw
from features.definition import {entity}_feature
from features.reasons import Reason

@{entity}_feature(
    unit="count", between=(0, 9), family="usage", reason=Reason.SIZE, raises=("a", "a")
)
def seen(user_id: nw.Expr) -> nw.Expr:
    """Rows seen."""
    return user_id.count()
'''


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (THEME.format(entity="group"), "seen is a feature of a group: write it under"),
        (THEME.format(entity="member") * 2, "seen is defined 2 times"),
    ],
)
def test_a_theme_with_a_feature_that_would_be_lost_is_refused(tmp_path, text, message, monkeypatch):
    file = tmp_path / "planted_theme.py"
    file.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("planted_theme", file)
    theme = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "planted_theme", theme)
    spec.loader.exec_module(theme)

    with pytest.raises(CatalogError, match=message):
        check_theme(theme, "member")
