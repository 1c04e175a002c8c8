"""Two pictures of one group's call graph: before the attack, and after the move."""

from __future__ import annotations

from simulator.sheet.panel import key
from simulator.sheet.svg import FAINT, INK, MEMBERS, SOFT, Drawing
from simulator.sheet.ties import Moment, Network, layout

WIDTH, HIGH, SIDE, TALL = 1000.0, 400.0, 470.0, 320.0
GONE_LINE = "#e4e8eb"


def graph(network: Network) -> str:
    """Members as dots, lines between those who talk; both pictures have the same places."""
    drawing = Drawing(WIDTH, HIGH, "The call graph of a group before the attack and after its move")
    together = {**network.after.pairs, **network.before.pairs}
    places = layout(sorted(network.before.states), together)
    shown = (("Before the attack 策反前", network.before), ("After the move 转网后", network.after))
    for column, (title, moment) in enumerate(shown):
        left = 10 + column * (SIDE + 30)
        drawing.text((left, 16), title, INK, 13, font_weight=600)
        drawing.text((left + SIDE, 16), f"{moment.day:%B %Y}", SOFT, 12, "end")
        _picture(drawing, moment, network.leaders, places, left)
    entries = [("one SIM", MEMBERS["sole"]), ("a rival SIM beside ours", MEMBERS["dual"])]
    key(drawing, (10, HIGH - 8), entries, "dot")
    drawing.add("circle", cx=276, cy=HIGH - 12, r=6, fill="#fff", stroke=FAINT, stroke_width=1.5)
    drawing.text((288, HIGH - 8), "left the net, or the group")
    drawing.add("circle", cx=470, cy=HIGH - 12, r=8, fill="none", stroke=INK, stroke_width=1.5)
    drawing.text((486, HIGH - 8), "key person 关键人")
    return drawing.render()


def _picture(
    drawing: Drawing,
    moment: Moment,
    leaders: set[str],
    places: dict[str, tuple[float, float]],
    left: float,
) -> None:
    at = {
        user: (left + 20 + x * (SIDE - 40), 44 + y * (TALL - 34)) for user, (x, y) in places.items()
    }
    busiest = max(moment.pairs.values(), default=1.0)
    for (one, other), strength in sorted(moment.pairs.items()):
        if one in at and other in at:
            both_here = {moment.states[one], moment.states[other]} <= {"sole", "dual"}
            colour = "#9fb0bd" if both_here else GONE_LINE
            width = 0.7 + 2.3 * (strength / busiest) ** 0.5 if busiest > 1 else 1.2
            drawing.line(at[one], at[other], colour, stroke_width=width)
    for user, (x, y) in at.items():
        state = moment.states[user]
        here = state in ("sole", "dual")
        fill = MEMBERS[state] if here else "#fff"
        edge = "#fff" if here else FAINT
        drawing.add("circle", cx=x, cy=y, r=7, fill=fill, stroke=edge, stroke_width=1.5)
        if user in leaders:
            drawing.add("circle", cx=x, cy=y, r=10, fill="none", stroke=INK, stroke_width=1.5)
