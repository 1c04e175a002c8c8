"""The waterfall of a score: the same bytes each time, in a language that the machine can write."""

from pathlib import Path

import pytest

from serving.errors import ServingError
from serving.why import waterfall as drawing
from serving.why.reasons import SpokenReason, to_json
from serving.why.waterfall import kind_of_picture, language_of_waterfall, waterfall

ROW = {
    "group_id": "G0101",
    "as_of": "2011-01-03",
    "base_margin": -4.0,
    "margin": -2.25,
    "probability": 0.12,
    "reasons": to_json(
        [
            SpokenReason("R01", "话务分流", "diversion", 1.5, "f", 0.5, "分流52%", "52% gone"),
            SpokenReason("R04", "捆绑", "lock-in", 0.5, "f", 0.5, "到期30%", "30% ending"),
            SpokenReason("R03", "V网", "V-net", -0.5, "f", 0.5, "活跃", "it is used"),
            SpokenReason("R00", "其余因素", "the rest", 0.25, None, None, "合计", "together"),
        ]
    ),
}


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_the_same_row_gives_the_same_bytes(kind):
    picture = waterfall(ROW, "en", kind)

    assert picture == waterfall(ROW, "en", kind)
    assert picture.startswith(b"\x89PNG" if kind == "png" else b"<?xml")
    assert picture != waterfall({**ROW, "margin": -2.0}, "en", kind)


def test_a_machine_without_chinese_letters_draws_in_english(monkeypatch):
    monkeypatch.setattr(drawing, "_chinese_font", lambda: None)

    assert language_of_waterfall("zh") == "en"
    assert waterfall(ROW, "zh", "svg") == waterfall(ROW, "en", "svg")


def test_a_machine_with_chinese_letters_draws_in_chinese_without_a_missing_one(recwarn):
    if language_of_waterfall("zh") == "en":
        pytest.skip("there is no Chinese font on this machine")

    assert waterfall(ROW, "zh", "png") != waterfall(ROW, "en", "png")
    assert not [warning for warning in recwarn if "missing from font" in str(warning.message)]


def test_long_sentences_are_broken_in_the_middle_and_end_in_dots_after_two_lines():
    chinese = drawing._shortened("近三旬成员拨打异网客服明显多于同规模集团的常见水平值得注意")
    english = drawing._shortened("in two months members were more inclined to call rivals")
    endless = drawing._shortened("word " * 60)

    assert [len(line) for line in chinese.split("\n")] == [17, 12]
    assert len(english.split("\n")) == 2
    assert endless.endswith(" …")
    assert len(endless.split("\n")) == 2


def test_a_rules_list_has_no_waterfall():
    with pytest.raises(ServingError, match="rules list: its points have no waterfall"):
        waterfall({**ROW, "margin": None}, "en", "png")


def test_a_picture_is_a_png_or_an_svg():
    assert kind_of_picture(Path("a/b.SVG")) == "svg"
    with pytest.raises(ServingError, match=r"b\.pdf: a picture is a \.png or a \.svg"):
        kind_of_picture(Path("a/b.pdf"))
