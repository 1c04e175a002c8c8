"""Panels with axes, one below the other over the same time, or side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from simulator.sheet.svg import FAINT, GRID, INK, SOFT, Drawing, Point, Scale, plain, ticks

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Panel:
    """A rectangle of a drawing with two scales."""

    drawing: Drawing
    x: Scale
    y: Scale

    @property
    def left(self) -> float:
        """Where it begins."""
        return self.x.start

    @property
    def right(self) -> float:
        """Where it ends."""
        return self.x.stop

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y.start

    @property
    def top(self) -> float:
        """Its upper edge."""
        return self.y.stop

    def heading(self, title: str, unit: str) -> None:
        """What it shows, and in which unit, above its upper left corner."""
        self.drawing.text((self.left, self.top - 10), title, INK, 13, font_weight=600)
        self.drawing.text((self.right, self.top - 10), unit, SOFT, 11.5, "end")

    def y_axis(self, wanted: int = 3, *, percent: bool = False) -> None:
        """Horizontal lines at round values."""
        for value in ticks(self.y.low, self.y.high, wanted):
            y = self.y(value)
            self.drawing.line((self.left, y), (self.right, y), FAINT if value == 0 else GRID)
            text = f"{plain(value * 100)} %" if percent else plain(value)
            self.drawing.text((self.left - 8, y + 4), text, SOFT, 11.5, "end")

    def months(self, start: date, end: date, *, labels: bool = True) -> None:
        """A light line each January; names of months below if wanted."""
        for day in _quarters(start, end):
            x = self.x(day.toordinal())
            if day.month == 1 and day != start:
                self.drawing.line((x, self.top), (x, self.bottom), GRID)
            if labels:
                self.drawing.line((x, self.bottom), (x, self.bottom + 4), FAINT)
                name = MONTHS[day.month - 1] + (f" {day.year}" if day.month == 1 else "")
                if day.month in (1, 7):
                    self.drawing.text((x, self.bottom + 17), name, SOFT, 11.5, "middle")

    def line(self, points: Sequence[Point], colour: str, width: float = 2) -> None:
        """A line through values."""
        placed = [(self.x(x), self.y(y)) for x, y in points]
        self.drawing.path(placed, colour, width)

    def upright(self, x: float, colour: str, text: str = "", **attributes: object) -> None:
        """A vertical line at a value, with a word at its upper end."""
        place = self.x(x)
        self.drawing.line((place, self.top), (place, self.bottom), colour, **attributes)
        if text:
            self.drawing.text((place + 5, self.top + 11), text, colour, 11.5)


def key(
    drawing: Drawing,
    at: Point,
    entries: Sequence[tuple[str, str]],
    shape: Literal["box", "line", "dot"] = "box",
) -> None:
    """What colours mean, in a row."""
    x, y = at
    for text, colour in entries:
        if shape == "line":
            drawing.line((x, y - 4), (x + 16, y - 4), colour, stroke_width=2.5)
        elif shape == "dot":
            drawing.add("circle", cx=x + 8, cy=y - 4, r=6, fill=colour)
        else:
            drawing.box((x, y - 10), 12, 12, colour, rx=2)
        drawing.text((x + 20, y), text, SOFT, 12)
        x += 34 + text_width(text)


def text_width(text: str, size: float = 12) -> float:
    """About how wide a text is; Chinese characters are as wide as they are high."""
    return sum(size if ord(c) > 0x2E80 else size * 0.55 for c in text)


def _quarters(start: date, end: date) -> list[date]:
    first = start.year * 4 + (start.month + 1) // 3
    last = end.year * 4 + (end.month - 1) // 3
    days = [date(q // 4, q % 4 * 3 + 1, 1) for q in range(first, last + 1)]
    return [day for day in days if start <= day < end]
