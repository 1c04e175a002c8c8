"""The page itself."""

# ruff: noqa: S608 - names of tables are our own
from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from html import escape
from pathlib import Path

import pyarrow.parquet as pq

from simulator.sheet.choosing import Chosen, choose
from simulator.sheet.expiry import expiry
from simulator.sheet.figures import figures_of
from simulator.sheet.graph import graph
from simulator.sheet.inventory import members
from simulator.sheet.life import life
from simulator.sheet.reading import World
from simulator.sheet.seasons import seasons, traces
from simulator.sheet.story import Story
from simulator.sheet.table import table, tally
from simulator.sheet.through_time import through_time
from simulator.sheet.ties import network

STYLE = Path(__file__).parent / "sheet.css"
LATER_DAYS = 90
FOOT = (
    "<footer>Made from landing/ (what the operator delivered) and truth/ (what really happened) by"
    " <code>groupchurn simulate --sheet</code>. Parameters with units and sources:"
    " truth/gt_params.json.</footer>"
)


def world_sheet(world: Path) -> str:
    """A page that shows a simulated world, complete in itself.

    Args:
        world: Folder that ``simulate`` wrote.

    Returns:
        HTML without scripts and without anything from elsewhere.

    Raises:
        FileNotFoundError: There is no world in the folder.
    """
    opened = World(world)
    title = f"World sheet: {opened.about['preset']}, seed {opened.about['seed']}"
    style = STYLE.read_text(encoding="utf-8")
    body = "".join([_head(opened), *_sections(opened), FOOT])
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>\n{style}</style></head>\n<body>{body}</body></html>\n"
    )


def _sections(world: World) -> Iterator[str]:
    figures = figures_of(world)
    yield _section(
        "The document's figures", "文件数字对照",
        "What the operator's own summaries of 2009 say, and what this world shows before the"
        f" rival's policy changes. {tally(figures)} A single county strays by chance: the line"
        " through each dot is where the value behind it lies with 95 % confidence.",
        table(figures), "long",
    )  # fmt: skip
    yield _section(
        "Rivalry through time", "竞争态势",
        "Rivals run campaigns area by area. Attacks follow them; some attacked groups intend to"
        " move; a few of these do, months later.",
        through_time(world),
    )  # fmt: skip
    yield _section(
        "The year in usage", "使用的季节",
        "Members speak less at Spring Festival and more before it. Bills fall slowly, as tariffs"
        " do.",
        seasons(world),
    )  # fmt: skip
    yield _section(
        "Contracts hold, and let go", "捆绑与到期",
        "Groups whose members were signed up together are free together: in the month of expiry"
        " the rival comes more often, and those who intend to move can.",
        expiry(world),
    )  # fmt: skip
    yield _section(
        "What hidden states leave behind", "隐含状态的痕迹",
        "Nobody sees a group's intent. It shows, on average and through noise, in whom its members"
        " call. Means over all members of C groups in that state.",
        traces(world),
    )  # fmt: skip
    chosen = choose(world)
    if chosen is not None:
        yield from _one_group(world, chosen)


def _one_group(world: World, chosen: Chosen) -> Iterator[str]:
    story = Story(world, chosen)
    after = (chosen.moved + timedelta(LATER_DAYS)).toordinal()
    then = next(counts for day, counts in story.members() if day >= after)
    lever = chosen.driver.partition(":")[2].replace("_", " ")
    yield _section(
        "One group's life", "一个集团的始末",
        f"Group {chosen.group}, {chosen.industry.replace('_', ' ')}, tier C,"
        f" {chosen.size} members, park {chosen.park or 'none'}. It was attacked on"
        f" {_day(chosen.attacked)} and moved on {_day(chosen.moved)}; what decided it was the"
        f" rival's {lever}. Three months later {then['dual']} members had a rival SIM beside ours,"
        f" {then['gone']} had left the net, {then['sole']} had stayed.",
        life(world, story),
    )  # fmt: skip
    ties = network(world, chosen)
    if ties is not None:
        yield _section(
            "Its call graph", "呼叫圈",
            f"The same group, the same people at the same places. {ties.source}",
            graph(ties),
        )  # fmt: skip


def _head(world: World) -> str:
    groups = world.lookup("SELECT tier, count(*) FROM groups GROUP BY 1")
    events = {t: world.one(f"SELECT count(*) FROM {t}")[0] for t in ("gt_attack", "gt_transfer")}
    files = list(world.path.glob("landing/*/*.parquet"))
    rows = sum(pq.read_metadata(file).num_rows for file in files)
    facts = {
        "Groups A / B / C 集团": " / ".join(f"{groups.get(tier, 0):,}" for tier in "ABC"),
        "Members on the first day 成员": f"{members(world)[0][0]:,}",
        "Attacks 策反": f"{events['gt_attack']:,}",
        "Moves to the rival 转网": f"{events['gt_transfer']:,}",
        "Rows delivered 交付行数": f"{rows:,}",
    }
    terms = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"
        for name, value in facts.items()
    )
    return (
        "<header><h1>World sheet<span>世界一览</span></h1>"
        f"<p>{escape(world.about['preset'])}, seed {world.about['seed']}: a made-up operator from"
        f" {_day(world.start)} to {_day(world.end - timedelta(1))}.{_flaws(world)}</p>"
        f"<dl>{terms}</dl></header>"
    )


def _flaws(world: World) -> str:
    """A warning where the delivery has planted flaws: then nothing is quite what it should be."""
    lists = list((world.path / "truth").glob("flaws*.parquet"))
    if not lists:
        return ""
    count = sum(pq.read_metadata(path).num_rows for path in lists)
    return (
        f" It was delivered with {count:,} planted flaws; batches that came as text, or never, are"
        " not counted below."
    )


def _section(title: str, title_zh: str, text: str, content: str, kind: str = "") -> str:
    return (
        f'<section class="{kind}"><h2>{escape(title)}<span>{escape(title_zh)}</span></h2>'
        f"<p>{escape(text)}</p>{content}</section>"
    )


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
