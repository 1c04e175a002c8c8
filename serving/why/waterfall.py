"""A group's score as a waterfall: from the average to where it stands, reason by reason."""

from __future__ import annotations

import io
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from features.definition import Text
from models.backtest_plot import HAVE_CHINESE
from serving.errors import ServingError
from serving.why.reasons import EVERYTHING_ELSE, SpokenReason, from_json
from serving.words import Language, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RAISES, LOWERS, WHOLE, REST = "#c0392b", "#2e7d4f", "#34495e", "#9aa5ad"
WIDTH, ROW, ABOVE = 11.0, 0.62, 1.7
LONGEST = 48
"""Characters of a sentence on one line; a Chinese one takes the room of two."""
KINDS = {".png": "png", ".svg": "svg"}

TITLE = Text("集团{group}（{day}）：为什么是{risk}", "Group {group} on {day}: why {risk}")
AVERAGE = Text("平均集团", "the average group")
SCORE = Text("本集团", "this group")
AXIS = Text(
    "模型得分（对数几率，校准之前）；向右为风险升高",
    "score of the model (log-odds, before calibration); to the right is riskier",
)


def language_of_waterfall(wanted: Language) -> Language:
    """Chinese only where a font of this machine has its characters; else English."""
    return "zh" if wanted == "zh" and _chinese_font() else "en"


def waterfall(row: Mapping[Any, Any], language: Language, kind: str) -> bytes:
    """The picture of one row of the table group_score.

    Args:
        row: Of a model: ``group_id``, ``as_of``, ``base_margin``, ``margin``, ``probability`` and
            ``reasons``.
        language: Of the labels; English where there is no Chinese font, see
            ``language_of_waterfall``.
        kind: png or svg.

    Returns:
        The file's bytes, the same for the same row and fonts.

    Raises:
        ServingError: The group stands on a rules list, which has points and no score.
    """
    if pd.isna(row["margin"]):
        raise ServingError(
            f"group {row['group_id']} stands on a rules list: its points have no waterfall; leave "
            "out --picture"
        )
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    language = language_of_waterfall(language)
    reasons = _in_order(from_json(row["reasons"]))
    fonts = [name for name in (_chinese_font(), "DejaVu Sans") if name]
    settings: Any = {
        "font.family": fonts if language == "zh" else ["DejaVu Sans"],
        "svg.hashsalt": "groupchurn",
        "svg.fonttype": "path",
        "axes.unicode_minus": False,
    }
    with rc_context(settings):
        figure = Figure(figsize=(WIDTH, ABOVE + ROW * (len(reasons) + 2)), layout="constrained")
        FigureCanvasAgg(figure)
        _draw(figure.subplots(), row, reasons, language)
        sink = io.BytesIO()
        metadata = {"Software": None} if kind == "png" else {"Date": None, "Creator": None}
        figure.savefig(sink, format=kind, dpi=120, metadata=metadata)
    return sink.getvalue()


def kind_of_picture(file: Path) -> str:
    """png or svg, by the name of the file.

    Raises:
        ServingError: It ends otherwise.
    """
    try:
        return KINDS[file.suffix.lower()]
    except KeyError:
        raise ServingError(
            f"--picture {file}: a picture is a .png or a .svg; give the file such a name"
        ) from None


def _in_order(reasons: tuple[SpokenReason, ...]) -> list[SpokenReason]:
    """What raises, what lowers, then the rest, each from large to small."""
    return sorted(
        reasons,
        key=lambda r: (r.code == EVERYTHING_ELSE, r.contribution < 0, -abs(r.contribution), r.code),
    )


def _draw(
    axes: Axes, row: Mapping[Any, Any], reasons: list[SpokenReason], language: Language
) -> None:
    base, margin = float(row["base_margin"]), float(row["margin"])
    ends, level = [base], base
    for reason in reasons:
        level += reason.contribution
        ends.append(level)
    low, high = min(*ends, margin), max(*ends, margin)
    room = max(high - low, 0.1)
    axes.set_xlim(low - 0.12 * room, high + 0.16 * room)
    labels = [say(AVERAGE, language)]
    axes.plot([base, base], [-0.4, 0.4], color=WHOLE, linewidth=3)
    _number(axes, base, 0, f"{base:+.2f}", room)
    for place, reason in enumerate(reasons, start=1):
        start, end = ends[place - 1], ends[place]
        axes.barh(place, end - start, left=start, height=0.62, color=_colour(reason))
        axes.plot([start, start], [place - 1 + 0.4, place + 0.31], color=REST, linewidth=0.8)
        _number(axes, max(start, end), place, f"{reason.contribution:+.2f}", room)
        labels.append(_label(reason, language))
    last = len(reasons) + 1
    axes.plot([ends[-1], ends[-1]], [last - 0.69, last + 0.4], color=REST, linewidth=0.8)
    axes.plot([margin, margin], [last - 0.4, last + 0.4], color=WHOLE, linewidth=3)
    _number(axes, margin, last, f"{margin:+.2f} ({_risk(row)})", room)
    labels.append(say(SCORE, language))
    axes.set_yticks(range(last + 1), labels, fontsize=9, linespacing=1.3)
    axes.set_ylim(last + 0.6, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.axvline(base, color=REST, linewidth=0.8, linestyle=":", zorder=0)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_xlabel(say(AXIS, language), fontsize=9)
    title = say(TITLE, language)
    axes.set_title(
        title.format(group=row["group_id"], day=row["as_of"], risk=_risk(row)),
        fontsize=12, loc="left", pad=12,
    )  # fmt: skip


def _number(axes: Axes, x: float, place: int, text: str, room: float) -> None:
    axes.text(x + 0.012 * room, place, text, va="center", ha="left", fontsize=9)


def _colour(reason: SpokenReason) -> str:
    if reason.code == EVERYTHING_ELSE:
        return REST
    return RAISES if reason.contribution > 0 else LOWERS


def _label(reason: SpokenReason, language: Language) -> str:
    if reason.code == EVERYTHING_ELSE:
        return reason.name_zh if language == "zh" else reason.name_en
    name, text = (
        (reason.name_zh, reason.text_zh) if language == "zh" else (reason.name_en, reason.text_en)
    )
    return f"{name}\n{_shortened(text)}"


def _shortened(text: str) -> str:
    """At most two lines of about one length; what is longer ends in dots."""
    room = LONGEST if _wide(text) <= LONGEST else min(LONGEST, _wide(text) // 2 + 6)
    lines, line = [], ""
    for word in _words(text):
        if line and _wide(line + word.rstrip()) > room:
            lines.append(line.rstrip())
            line = ""
        line += word
    lines.append(line.rstrip())
    return "\n".join(lines if len(lines) <= 2 else [lines[0], f"{lines[1]} …"])


def _wide(text: str) -> int:
    return sum(2 if ord(sign) > 0x2E7F else 1 for sign in text)


def _words(text: str) -> list[str]:
    """Where a line may be broken: behind a blank, and behind every Chinese sign."""
    words, word = [], ""
    for sign in text:
        word += sign
        if sign == " " or ord(sign) > 0x2E7F:
            words.append(word)
            word = ""
    return [*words, word] if word else words


def _risk(row: Mapping[Any, Any]) -> str:
    return f"{float(row['probability']):.1%}"


@cache
def _chinese_font() -> str | None:
    """The first family of ``HAVE_CHINESE`` that is there, also where it came after matplotlib had
    made its list of fonts."""
    from matplotlib.font_manager import findSystemFonts, fontManager

    def found() -> str | None:
        there = {font.name for font in fontManager.ttflist}
        return next((name for name in HAVE_CHINESE if name in there), None)

    if found() is None:
        known = {font.fname for font in fontManager.ttflist}
        for file in sorted(set(findSystemFonts()) - known):
            with suppress(OSError, RuntimeError):  # no font that it can read
                fontManager.addfont(file)
    return found()
