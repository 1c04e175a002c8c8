"""One group's life on one line of time: the rival, what was known of it, and the members."""

from __future__ import annotations

from itertools import groupby

from simulator.sheet.panel import Panel, key
from simulator.sheet.reading import World
from simulator.sheet.story import LEFT_GROUP, Dekad, Story
from simulator.sheet.svg import (
    BLUE,
    CAMPAIGN,
    FAINT,
    GREEN,
    GRID,
    INK,
    MEMBERS,
    RED,
    SOFT,
    STATES,
    Drawing,
    Point,
    Scale,
)

WIDTH, LEFT, RIGHT, HIGH = 1000.0, 172.0, 985.0, 706.0
STATE_TOP, EVENTS_TOP, ROW = 30.0, 88.0, 24.0
LOCK, MEMBER, MINUTE, SHARE = (232.0, 56.0), (330.0, 104.0), (474.0, 66.0), (578.0, 66.0)
"""Top and height of the tracks."""

SHOWN = {**MEMBERS, LEFT_GROUP: "#e9ecee"}


def life(world: World, story: Story) -> str:
    """The timeline of a group, all tracks over the same days."""
    who = story.chosen
    drawing = Drawing(WIDTH, HIGH, f"The life of group {who.group} from its first to its last day")
    x = Scale(world.start.toordinal(), world.end.toordinal(), LEFT, RIGHT)
    for day in (who.attacked, who.moved):
        place = x(day.toordinal())
        drawing.line((place, 22), (place, sum(SHARE)), "#d9a58c", stroke_dasharray="2 3")
    attacked, moved = x(who.attacked.toordinal()), x(who.moved.toordinal())
    drawing.text((attacked + 3, 16), f"attack 策反 {who.attacked:%d %b %Y}", RED, 12, "end")
    drawing.text((moved - 3, 16), f"move 转网 {who.moved:%d %b %Y}", RED, 12)
    _states(drawing, story, x)
    _events(drawing, story, x)
    _lock(drawing, world, story, x)
    _members(drawing, world, story, x)
    minutes = _track(drawing, world, x, MINUTE, story.minutes())
    minutes.heading(
        "Outgoing minutes a member 主叫分钟",
        "against those of other members; before the attack = 100",
    )
    minutes.y_axis(2)
    minutes.line(story.minutes(), BLUE)
    share = _track(drawing, world, x, SHARE, story.rival_share())
    share.heading("Rival share of outgoing minutes 异网主叫占比", "")
    share.y_axis(2, percent=True)
    share.line(story.rival_share(), RED)
    share.months(world.start, world.end)
    entries = [*SHOWN.items()]
    key(drawing, (LEFT, HIGH - 12), [(f"members: {entries[0][0]}", entries[0][1]), *entries[1:]])
    key(
        drawing,
        (LEFT + 400, HIGH - 12),
        [("group: calm", STATES["calm"]), *list(STATES.items())[1:]],
    )
    return drawing.render()


def _states(drawing: Drawing, story: Story, x: Scale) -> None:
    """The group's hidden state, and below it the rival's campaigns in its area."""
    drawing.text((8, STATE_TOP + 14), "State of the group 状态", INK, 12)
    drawing.text((8, STATE_TOP + 34), "Rival campaign 竞争营销", INK, 12)
    drawing.box((LEFT, STATE_TOP + 24), RIGHT - LEFT, 11, "#f2f4f5")
    dekads = story.states()
    for state, spell in groupby(dekads, key=lambda dekad: dekad[2]):
        _strip(drawing, x, STATE_TOP, 18, list(spell), STATES[state])
    for running, spell in groupby(dekads, key=lambda dekad: dekad[3]):
        if running:
            _strip(drawing, x, STATE_TOP + 24, 11, list(spell), CAMPAIGN)


def _strip(
    drawing: Drawing, x: Scale, top: float, tall: float, spell: list[Dekad], colour: str
) -> None:
    start, end = x(spell[0][0]), x(spell[-1][1])
    drawing.box((start, top), end - start, tall, colour)


def _events(drawing: Drawing, story: Story, x: Scale) -> None:
    names = (
        "Attacks 策反",
        "Reports, to loading 上报",
        "Visits 拜访",
        "Key persons lost 关键人",
        "Treatments 挽留",
    )
    for row, name in enumerate(names):
        y = EVENTS_TOP + row * ROW
        drawing.text((8, y + 4), name, INK, 12)
        drawing.line((LEFT, y), (RIGHT, y), GRID)
    tops = [EVENTS_TOP + row * ROW for row in range(len(names))]
    for day, lever in story.attacks():
        _diamond(drawing, (x(day), tops[0]), RED)
        drawing.text((x(day) + 9, tops[0] - 4), lever.replace("_", " "), SOFT, 10.5)
    for about, loaded in story.reports():
        drawing.line((x(about), tops[1]), (x(loaded), tops[1]), GREEN, stroke_width=2)
        drawing.add("circle", cx=x(about), cy=tops[1], r=3.5, fill="#fff", stroke=GREEN)
        drawing.add("circle", cx=x(loaded), cy=tops[1], r=4, fill=GREEN)
    for day in story.visits():
        drawing.line((x(day), tops[2] - 6), (x(day), tops[2] + 6), INK, stroke_width=1.5)
    for place, (day, state) in enumerate(story.key_persons_lost()):
        _diamond(drawing, (x(day), tops[3]), MEMBERS["dual"] if state == "dual" else INK)
        word = "rival SIM" if state == "dual" else "left the net"
        drawing.text((x(day) + 9, tops[3] + (11 if place % 2 else -4)), word, SOFT, 10.5)
    for day, action in story.treatments():
        drawing.add("circle", cx=x(day), cy=tops[4], r=4, fill=BLUE)
        drawing.text((x(day) + 8, tops[4] - 4), action, SOFT, 10.5)


def _diamond(drawing: Drawing, at: Point, colour: str) -> None:
    x, y = at
    corners = ((x, y - 6), (x + 6, y), (x, y + 6), (x - 6, y))
    drawing.area(corners, (), colour)


def _track(
    drawing: Drawing, world: World, x: Scale, place: tuple[float, float], line: list[Point]
) -> Panel:
    top, tall = place
    highest = max((y for _, y in line), default=1.0) or 1.0
    panel = Panel(drawing, x, Scale(0, highest * 1.1, top + tall, top))
    panel.months(world.start, world.end, labels=False)
    return panel


def _lock(drawing: Drawing, world: World, story: Story, x: Scale) -> None:
    line = story.lock()
    panel = _track(drawing, world, x, LOCK, line)
    for start, end in story.expiries():
        drawing.box((x(start), panel.top), x(end) - x(start) + 0.3, LOCK[1], "#fbe9c8")
    panel.heading(
        "Members under contract 捆绑", "weighted share; yellow: much of it ends in the month"
    )
    panel.y_axis(2, percent=True)
    panel.line(line, INK)


def _members(drawing: Drawing, world: World, story: Story, x: Scale) -> None:
    """Where the members of the day of the attack stand, one band each."""
    dekads = story.members()
    total = float(sum(dekads[0][1].values())) if dekads else 1.0
    panel = Panel(drawing, x, Scale(0, total, sum(MEMBER), MEMBER[0]))
    panel.heading("Members of the day of the attack 成员", "persons")
    lower = [(x(day), panel.bottom) for day, _ in dekads]
    for name, colour in SHOWN.items():
        upper = [
            (place, y - panel.bottom + panel.y(counts[name]))
            for (place, y), (_, counts) in zip(lower, dekads, strict=True)
        ]
        drawing.area(upper, lower, colour)
        lower = upper
    panel.y_axis(2)
    panel.drawing.line((panel.left, panel.bottom), (panel.right, panel.bottom), FAINT)
