"""Drawing: a little SVG, scales, and the colours of the sheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import floor, isnan, log10

INK, SOFT, FAINT, GRID = "#24303b", "#5d6b78", "#a9b3bc", "#e3e7ea"
BLUE, ORANGE, RED, GREEN, SKY = "#0072b2", "#e69f00", "#c8501e", "#009e73", "#8cc5e3"
TIERS = {"C": RED, "B": BLUE, "A": "#4d4d4d"}
STATES = {"calm": "#dfe4e8", "resisted": "#f3e3ae", "intent": ORANGE, "transferred": RED}
CAMPAIGN = "#e8b08f"
MEMBERS = {"sole": BLUE, "dual": ORANGE, "gone": "#c5ccd2"}
"""Colours after Okabe and Ito (2008), which people with colour blindness can tell apart."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Scale:
    """Values ``low`` to ``high`` along pixels ``start`` to ``stop``."""

    low: float
    high: float
    start: float
    stop: float

    def __call__(self, value: float) -> float:
        share = (value - self.low) / ((self.high - self.low) or 1.0)
        return self.start + share * (self.stop - self.start)


class Drawing:
    """An SVG picture as wide as the page; ``title`` tells what it shows to who cannot see it."""

    def __init__(self, width: float, height: float, title: str) -> None:
        self._size, self._title = (width, height), title
        self._parts: list[str] = []

    def add(self, tag: str, content: str = "", /, **attributes: object) -> None:
        """An element; underscores in names of attributes become hyphens."""
        self._parts.append(f"<{tag}{_attributes(attributes)}>{escape(content)}</{tag}>")

    def line(self, start: Point, end: Point, colour: str = GRID, **attributes: object) -> None:
        """A straight line."""
        (x1, y1), (x2, y2) = start, end
        self.add("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=colour, **attributes)

    def path(
        self, points: Iterable[Point], colour: str, width: float = 2, **attributes: object
    ) -> None:
        """A line through points; it breaks where a value is not a number."""
        commands, pen = [], "M"
        for x, y in points:
            if isnan(y):
                pen = "M"
                continue
            commands.append(f"{pen}{_number(x)} {_number(y)}")
            pen = "L"
        style = {"fill": "none", "stroke_width": width, "stroke_linejoin": "round"}
        self.add("path", d="".join(commands), stroke=colour, **{**style, **attributes})

    def area(self, upper: Sequence[Point], lower: Sequence[Point], colour: str) -> None:
        """What lies between two lines."""
        corners = " ".join(f"{_number(x)},{_number(y)}" for x, y in [*upper, *reversed(lower)])
        self.add("polygon", points=corners, fill=colour)

    def box(
        self, corner: Point, width: float, height: float, colour: str, **attributes: object
    ) -> None:
        """A filled rectangle."""
        x, y = corner
        self.add("rect", x=x, y=y, width=width, height=height, fill=colour, **attributes)

    def text(
        self,
        at: Point,
        content: str,
        colour: str = SOFT,
        size: float = 12,
        anchor: str = "start",
        **attributes: object,
    ) -> None:
        """A line of text."""
        x, y = at
        style = {"fill": colour, "font_size": size, "text_anchor": anchor}
        self.add("text", content, x=x, y=y, **{**style, **attributes})

    def render(self) -> str:
        """The picture as an element of a page."""
        width, height = self._size
        title = f"<title>{escape(self._title)}</title>"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" '
            f'viewBox="0 0 {_number(width)} {_number(height)}">{title}{"".join(self._parts)}</svg>'
        )


def ticks(low: float, high: float, wanted: int = 4) -> list[float]:
    """Round values between two others, about as many as wanted."""
    span = high - low
    if not span > 0:
        return [low]
    rough = span / max(wanted, 1)
    unit = 10.0 ** floor(log10(rough))
    step = next(unit * m for m in (1, 2, 2.5, 5, 10) if unit * m >= rough)
    first = -floor(-low / step + 1e-9)
    return [round(step * i, 10) for i in range(first, floor(high / step + 1e-9) + 1)]


def plain(value: float) -> str:
    """A tick as people write it."""
    return f"{value:,.10g}"


def _attributes(attributes: dict[str, object]) -> str:
    pairs = (
        (name.replace("_", "-"), _number(value) if isinstance(value, float) else str(value))
        for name, value in attributes.items()
    )
    return "".join(f' {name}="{escape(text)}"' for name, text in pairs)


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
