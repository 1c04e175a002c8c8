"""The report as people read it: the same words and figures in terminal, page and workbook."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from features.definition import Text
from serving.kpi.formulas import Status
from serving.kpi.lines import Line
from serving.kpi.loop import LEVELS, Loop, Share
from serving.kpi.report import AreaReport, KpiReport
from serving.kpi.terms import Shown
from serving.words import LEVEL, Language, say

WAN = 10_000
NOTHING = "—"

STATUS: dict[Status, Text] = {
    "ahead": Text("超时间进度", "ahead"),
    "level": Text("持平", "level"),
    "behind": Text("差时间进度", "behind"),
    "met": Text("达标", "met"),
    "near": Text("临界", "near"),
    "missed": Text("未达标", "missed"),
    "no_target": Text("无年度目标", "no target"),
    "no_data": Text("无数据", "no data"),
}
UNIT: dict[Shown, Text] = {
    "percent": Text("", ""),
    "wan_yuan": Text("(万元)", " (10k yuan)"),
    "yuan": Text("", ""),
    "minutes": Text("", ""),
    "count": Text("", ""),
}
TITLE = Text("集团客户KPI旬报", "KPI report of group customers")
WHOLE = Text("单位", "area")
TIME = Text("时间进度", "time progress")
KNOWN_ON = Text("数据截至 {day} 入库", "as known on {day}")
WITH_TARGET = Text("考核指标", "Against the year's target")
WITHOUT_TARGET = Text("监测指标", "Watched, without a target")
WITHOUT_DATA = Text("无数据的指标", "No data")
ALARM = Text("警示：指标达标，价值流失", "Alarm: green figures, leaking value")
COUNTIES = Text("各单位差距（百分点，负为落后）", "Points ahead of where each should be")
LOOP = Text("预警闭环", "The loop")
IS_OURS = Text("即核算数", "is ours")
COLUMNS: dict[str, Text] = {
    "name": Text("指标", "KPI"),
    "target": Text("年目标", "Target"),
    "pace": Text("应达", "Pace"),
    "actual": Text("实际", "Actual"),
    "on": Text("截至", "As of"),
    "attainment": Text("完成率", "Attained"),
    "gap": Text("差距", "Points"),
    "status": Text("状态", "Status"),
    "forecast": Text("年末预测", "Year's end"),
    "change": Text("环比", "On month"),
    "rank": Text("排名", "Rank"),
    "ours": Text("系统核算", "Ours"),
    "newer": Text("最新核算", "Newer"),
}
"""The columns of a table of KPIs; without targets some are left out."""
LEGEND: tuple[tuple[Text, Text], ...] = (
    (
        Text("时间进度", "Time progress"),
        Text(
            "当年已过天数 ÷ 全年天数；各指标与其统计日的时间进度比较，不与报告日比较。",
            "Days of the year that have passed ÷ all its days; each KPI is set beside that of the "
            "day it was measured on, not of the report's day.",
        ),
    ),
    (
        Text("完成率、差距", "Attained, points"),
        Text(
            "收入类：完成率 = 累计实际 ÷ 年目标，差距 = 完成率 − 时间进度。"
            "保有类：应达 = 1 −（1 − 目标）× 时间进度，差距 = 实际 − 应达。"
            "比率类：差距 = 实际 − 目标。越低越好的指标差距反号。单位：百分点。",
            "Revenue: attained = actual so far ÷ the year's target, points = attained − time "
            "progress. Retention: pace = 1 − (1 − target) × time progress, points = actual − pace. "
            "Other rates: points = actual − target. Where lower is better the sign is reversed.",
        ),
    ),
    (
        Text("年末预测", "Year's end"),
        Text(
            "收入类按目前进度（或往年各月比重）推算；保有类按目前流失速度推算。",
            "Revenue at this year's rate (or by the months of past years); a retention at this "
            "year's rate of loss.",
        ),
    ),
    (
        Text("环比", "On month"),
        Text(
            "收入类：当月收入比上月增减百分比；其余：与上月末之差。",
            "Revenue: the month's income against the month before, in per cent; all others: the "
            "difference to the end of the month before.",
        ),
    ),
    (
        Text("系统核算、最新核算", "Ours, newer"),
        Text(
            "由明细数据按同一口径、同一统计日算出；≠ 表示与上报值之差超过容差。"
            "最新核算是上报日之后的数。",
            "Worked out from the tables by the same formula for the same day; ≠ marks a difference "
            "beyond what is tolerated. What is newer is of a later day than the operator's.",
        ),
    ),
    (
        Text("拍照口径", "Frozen lists"),
        Text(
            "保有率的分母是年初冻结的名单，之后加入的成员不进分母；离开集团仍在网的成员算保有。",
            "Retention is of lists frozen when the year began: who joined later is not in them, "
            "and who left a group but is on net is kept.",
        ),
    ),
    (
        Text("核验保有", "Not lost in the books"),
        Text(
            "派单后经过核验期、状态不是离网的集团占比；静默转网不在此列，见 report loop。",
            "Groups of old enough alerts that the books do not call lost; who left silently is in "
            "no book, see `report loop`.",
        ),
    ),
)
"""What the columns mean, a term and a sentence each."""
ONLY_WITH_TARGET = ("target", "pace", "attainment", "gap", "status", "rank")


@dataclass(frozen=True)
class Tables:
    """The lines of an area as they are shown: with a target, without one, without data."""

    targeted: tuple[Line, ...]
    watched: tuple[Line, ...]
    empty: tuple[Line, ...]


def tables(area: AreaReport) -> Tables:
    """The lines in their order; one with a target and no data stays among its like."""
    targeted = [one for one in area.lines if one.target is not None]
    rest = [one for one in area.lines if one.target is None]
    return Tables(
        tuple(targeted),
        tuple(one for one in rest if one.actual is not None),
        tuple(one for one in rest if one.actual is None),
    )


def heading(report: KpiReport, language: Language) -> str:
    """The report's day and dekad."""
    return f"{say(TITLE, language)}  {report.day} ({say(report.dekad, language)})"


def under_heading(report: KpiReport, language: Language) -> str:
    """How much of the year has passed, and what was known."""
    known = say(KNOWN_ON, language).format(day=report.as_of)
    return f"{say(TIME, language)} {report.time_progress:.1%} · {known}"


def row(one: Line, language: Language) -> dict[str, str]:
    """A line in words, by column."""
    return {
        "name": name(one, language),
        "target": value(one, one.target),
        "pace": NOTHING if one.pace is None else f"{one.pace:.2f}%",
        "actual": value(one, one.actual),
        "on": f"{one.on:%m-%d}" if one.on else NOTHING,
        "attainment": NOTHING if one.attainment is None else f"{one.attainment:.1%}",
        "gap": gap(one),
        "status": say(STATUS[one.status], language),
        "forecast": value(one, one.forecast),
        "change": change(one),
        "rank": f"{one.rank}/{one.ranked}" if one.rank else NOTHING,
        "ours": ours(one, language),
        "newer": newer(one),
    }


def name(one: Line, language: Language) -> str:
    """The KPI with the unit of its figures."""
    return f"{say(one.name, language)}{say(UNIT[one.shown], language)}"


def value(one: Line, number: float | None) -> str:
    """A figure in the unit that the KPI is shown in."""
    if number is None:
        return NOTHING
    if one.shown == "percent":
        return f"{number:.{one.decimals}f}%"
    return f"{scaled(one, number):,.{one.decimals}f}"


def scaled(one: Line, number: float) -> float:
    """Yuan as ten thousands of yuan where they are shown so."""
    return number / WAN if one.shown == "wan_yuan" else number


def gap(one: Line) -> str:
    """Points with their sign: two decimals for a retention, whose points are few."""
    if one.gap_points is None:
        return NOTHING
    return _signed(one.gap_points, gap_decimals(one))


def gap_decimals(one: Line) -> int:
    """A retention moves by hundredths of a point."""
    return 2 if one.kind == "retention" else 1


def change(one: Line) -> str:
    """Against the month before: points of a rate, per cent of a flow's income."""
    if one.change is None:
        return NOTHING
    if one.kind == "flow":
        return f"{_signed(one.change, 1)}%"
    return _signed(scaled(one, one.change), one.decimals)


def ours(one: Line, language: Language) -> str:
    """Our own figure of the operator's day; the newest one where there is none of that day."""
    if one.source != "operator":
        return say(IS_OURS, language) if one.source == "computed" else NOTHING
    if one.checked is None:
        return NOTHING
    told = value(one, one.checked)
    return f"{told} ≠" if one.differs else told


def newer(one: Line) -> str:
    """Our own newest figure, where it is of a later day than the operator's."""
    if one.source != "operator" or one.computed is None or one.computed_on is None:
        return NOTHING
    if one.on is None or one.computed_on <= one.on:
        return NOTHING
    return value(one, one.computed)


def columns(lines: tuple[Line, ...], *, targeted: bool) -> list[str]:
    """The columns that say something of these lines."""
    wanted = [name for name in COLUMNS if targeted or name not in ONLY_WITH_TARGET]
    empty = {
        "on": same_day(lines) is not None,
        "rank": all(one.rank is None for one in lines),
        "pace": all(one.pace is None for one in lines),
        "attainment": all(one.attainment is None for one in lines),
        "forecast": all(one.forecast is None for one in lines),
        "ours": all(one.source == "computed" for one in lines),
        "newer": all(newer(one) == NOTHING for one in lines),
    }
    return [name for name in wanted if not empty.get(name)]


def same_day(lines: tuple[Line, ...]) -> date | None:
    """The day that all of the lines that have one tell of; it stands in the title then."""
    days = {one.on for one in lines if one.on is not None}
    return days.pop() if len(days) == 1 else None


def title(lines: tuple[Line, ...], language: Language, *, targeted: bool) -> str:
    """The title of a table, with the day that all of its lines tell of."""
    text = say(WITH_TARGET if targeted else WITHOUT_TARGET, language)
    day = same_day(lines)
    return text if day is None else f"{text} ({say(COLUMNS['on'], language)} {day:%m-%d})"


def loop_facts(loop: Loop, language: Language) -> list[tuple[str, str]]:
    """What the loop did, each with its title."""
    counts = " / ".join(
        f"{say(LEVEL[level], language)} {getattr(loop, level):,}" for level in LEVELS
    )
    zh = language == "zh"
    facts = [
        ("本旬派发" if zh else "handed out this dekad", counts),
        ("接触率" if zh else "contacted", _share(loop.contacted)),
        ("关闭率" if zh else "closed", _share(loop.closed)),
        ("核验保有" if zh else "not lost in the books", _share(loop.kept)),
    ]
    held = _share(loop.held_back)
    if not loop.enough:
        held += "，样本不足，不作比较" if zh else ", not enough yet to compare"
    return [*facts, ("对照组保有" if zh else "held back, not lost", held)]


def _signed(number: float, decimals: int) -> str:
    """With its sign, but for what rounds to nothing."""
    text = f"{number:+,.{decimals}f}"
    return text if any(sign in text for sign in "123456789") else text[1:]


def _share(one: Share) -> str:
    if one.share is None:
        return NOTHING
    return f"{one.share:.0%} ({one.num:,}/{one.den:,})"


def in_grid(report: KpiReport) -> list[str]:
    """The KPIs of which any area knows how far ahead it is, in the order of the report."""
    codes = [one.code for one in report.areas[0].lines]
    judged = {one.code for a in report.areas for one in a.lines if one.gap_points is not None}
    return [code for code in codes if code in judged]
