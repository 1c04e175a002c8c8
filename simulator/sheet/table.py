"""The document's figures beside the simulated ones, as rows of a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape
from math import isfinite

from simulator.sheet.figure import Figure, Verdict
from simulator.sheet.svg import BLUE, INK, RED, SOFT, Drawing, Scale

WIDTH, HIGH = 210.0, 26.0
COLOURS: dict[Verdict, str] = {
    "met": BLUE,
    "within chance": SOFT,
    "missed": RED,
    "nothing to measure": SOFT,
}
MARKS: dict[Verdict, str] = {
    "met": "✓",
    "within chance": "≈",
    "missed": "✗",
    "nothing to measure": "–",
}


def table(figures: Sequence[Figure]) -> str:
    """The table as HTML."""
    heads = (
        ("#", "no"),
        ("Figure 指标", ""),
        ("Document 文件", "num"),
        ("Simulated 模拟", "num"),
        ("Counted", "num"),
        ("Tolerance and 95 % interval", ""),
        ("Verdict 结论", ""),
    )
    head = "".join(f'<th class="{kind}">{escape(name)}</th>' for name, kind in heads)
    rows = "".join(_row(figure) for figure in figures)
    return f'<table class="figures"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def tally(figures: Sequence[Figure]) -> str:
    """How many figures are met, and so on, in a sentence."""
    count = Counter(figure.verdict for figure in figures)
    named = [f"{count[verdict]} {verdict}" for verdict in MARKS if count[verdict]]
    return f"Of {len(figures)} figures: {', '.join(named)}."


def _row(figure: Figure) -> str:
    verdict = figure.verdict
    cells = (
        ("no", escape(figure.number)),
        ("", f'{escape(figure.name)}<span class="zh">{escape(figure.name_zh)}</span>'),
        ("num", _wanted(figure)),
        ("num strong", _written(figure, figure.measured)),
        ("num soft", _counted(figure)),
        ("plot", f'{_picture(figure)}<span class="tolerance">{escape(figure.tolerance)}</span>'),
        (f"verdict {verdict.replace(' ', '-')}", f"{MARKS[verdict]} {verdict}"),
    )
    return "<tr>" + "".join(f'<td class="{kind}">{cell}</td>' for kind, cell in cells) + "</tr>"


def _wanted(figure: Figure) -> str:
    """The document's value, with a sign where it is a limit."""
    sign = "≥ " if figure.wanted == figure.low != figure.high else ""
    if not isfinite(figure.low) and isfinite(figure.high):
        sign = "< "
    return sign + _written(figure, figure.wanted)


def _written(figure: Figure, value: float) -> str:
    if not isfinite(value):
        return "–"
    if figure.unit == "percent":
        fine = figure.wanted < 0.05 or figure.wanted > 0.99
        return f"{100 * value:.{2 if fine else 1}f} %"
    return f"{value:,.0f}" if abs(figure.wanted) >= 100 else f"{value:.2f}"


def _counted(figure: Figure) -> str:
    if figure.denominator < 2 or figure.numerator < 1:
        return ""
    return f"{figure.numerator:,.0f} / {figure.denominator:,.0f}"


def _picture(figure: Figure) -> str:
    """The range that is right, the wanted value, and the measured one with its interval."""
    drawing = Drawing(WIDTH, HIGH, f"{figure.name}: {_written(figure, figure.measured)}")
    if not isfinite(figure.measured):
        return drawing.render()
    least, most = figure.interval
    ends = [v for v in (figure.low, figure.high, figure.wanted) if isfinite(v)]
    low, high = min(ends), max(ends)
    reach = max(high - low, 1.15 * abs(figure.measured - figure.wanted), 0.01 * abs(figure.wanted))
    x = Scale(low - reach, high + reach, 4, WIDTH - 4)

    def inside(value: float) -> float:
        return min(max(x(min(max(value, x.low), x.high)), 2), WIDTH - 2)

    left = inside(figure.low) if isfinite(figure.low) else 2.0
    right = inside(figure.high) if isfinite(figure.high) else WIDTH - 2
    drawing.box((left, 5), max(right - left, 2), HIGH - 10, "#dbe6ee", rx=2)
    drawing.line((inside(figure.wanted), 3), (inside(figure.wanted), HIGH - 3), INK)
    colour, middle = COLOURS[figure.verdict], HIGH / 2
    drawing.line((inside(least), middle), (inside(most), middle), colour, stroke_width=1.5)
    fill = "#fff" if figure.verdict == "within chance" else colour
    drawing.add(
        "circle", cx=inside(figure.measured), cy=middle, r=4.5, fill=fill, stroke=colour,
        stroke_width=1.5,
    )  # fmt: skip
    return drawing.render()
