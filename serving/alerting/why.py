"""Why a group stands on its level, in a sentence with its numbers."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import date
from typing import Any

import pandas as pd

from features.definition import Text
from serving import words
from serving.alerting.level_rules import BY_SEVERITY, LevelRules, Limits

NOT_FAR = 180
"""Days within which a date is told without its year."""
MOST_TOLD = 2
"""Triggers of one level that are told together."""
Row = Mapping[Hashable, Any]
_STEPS = {1: "yellow", 2: "orange", 3: "red"}


def why(
    groups: pd.DataFrame, triggers: pd.DataFrame, rules: LevelRules, as_of: date
) -> list[Text | None]:
    """One text a row of ``groups``, as ``levels`` has worked them out; None for nothing."""
    told = {
        key: Text("；".join(rows["text_zh"][:MOST_TOLD]), "; ".join(rows["text_en"][:MOST_TOLD]))
        for key, rows in _in_order(triggers).groupby(["group_id", "level"])
    }
    return [_of(row, told, rules, as_of) for row in groups.to_dict("records")]


def day_text(day: date, as_of: date) -> Text:
    """A date as people say it near ``as_of``.

    >>> day_text(date(2010, 12, 18), date(2011, 1, 3))
    Text(zh='12月18日', en='18 December')
    """
    month = _MONTHS[day.month - 1]
    if abs((as_of - day).days) > NOT_FAR:
        return Text(f"{day.year}年{day.month}月{day.day}日", f"{day.day} {month} {day.year}")
    return Text(f"{day.month}月{day.day}日", f"{day.day} {month}")


def yuan(fen: float) -> Text:
    """An amount in words, rounded to the yuan.

    >>> yuan(120449).en
    '1,204 yuan'
    """
    return Text(f"{fen / 100:,.0f}元", f"{fen / 100:,.0f} yuan")


def _in_order(triggers: pd.DataFrame) -> pd.DataFrame:
    return triggers.sort_values(
        ["group_id", "since", "trigger"], ascending=[True, False, True]
    ).reset_index(drop=True)


def _of(row: Row, told: Mapping[Any, Text], rules: LevelRules, as_of: date) -> Text | None:
    if row["cooled"]:
        return _left_in_peace(row, as_of)
    if not row["final"]:
        return None
    parts = []
    if row["by_trigger"]:
        parts.append(told[row["group_id"], BY_SEVERITY[row["forced"]]])
    else:
        parts += _by_score(row, rules)
    if row["final"] < row["wanted"]:
        parts.append(_no_room(row))
    return Text("；".join(part.zh for part in parts), "; ".join(part.en for part in parts))


def _left_in_peace(row: Row, as_of: date) -> Text:
    closed, level = day_text(row["closed_on"], as_of), words.LEVEL[row["closed_level"]]
    return Text(
        f"{closed.zh}刚结案（{level.zh}），等级未上升，暂不再派单",
        f"its {level.en} case was closed on {closed.en} and it stands no higher: no new alert yet",
    )


def _by_score(row: Row, rules: LevelRules) -> list[Text]:
    limits: Limits = rules.large if row["large"] else rules.small
    risk = _risk(row["risk"], points=row["by_points"])
    drawn = _STEPS.get(int(row["drawn"]))
    parts = []
    if row["held"]:
        risk = _risk(row["risk"], points=row["by_points"], digits=2)
        kept = _STEPS[int(row["held"])]
        limit = _limit(getattr(limits, kept), points=row["by_points"])
        level = words.LEVEL[kept]
        parts.append(
            Text(
                f"{risk.zh}，略低于{level.zh}色线{limit}，{level.zh}色保留一期",
                f"{risk.en}, just below {limit}: stays {level.en} for one more list",
            )
        )
    elif drawn:
        level, limit = words.LEVEL[drawn], _limit(getattr(limits, drawn), points=row["by_points"])
        parts.append(
            Text(
                f"{risk.zh}，达到{level.zh}色线{limit}",
                f"{risk.en}, {level.en} begins at {limit}",
            )
        )
    else:
        parts.append(risk)
    return parts + _moved(row, rules)


def _moved(row: Row, rules: LevelRules) -> list[Text]:
    """What put the level up or down after the limits."""
    parts = []
    if row["key"]:
        limit = _limit(rules.key_diverted, points=False)
        parts.append(
            Text(
                f"关键成员话务已分流且概率达到{limit}，升为红色",
                f"a key member calls elsewhere, which from {limit} up makes it red",
            )
        )
    loss: Text | None = None if pd.isna(row["loss"]) else yuan(row["loss"])
    if row["too_little"] and loss:
        least = yuan(rules.loss.least_red_fen)
        parts.append(
            Text(
                f"预期损失{loss.zh}，不足{least.zh}，按橙色处理",
                f"its expected loss of {loss.en} is below {least.en}: orange, not red",
            )
        )
    if row["lifted"] and loss:
        lift = yuan(rules.loss.lift_fen)
        parts.append(
            Text(
                f"预期损失{loss.zh}，达到{lift.zh}，升一级",
                f"its expected loss of {loss.en} reaches {lift.en}: one level higher",
            )
        )
    return parts


def _no_room(row: Row) -> Text:
    wanted = words.LEVEL[BY_SEVERITY[row["wanted"]]]
    final = words.LEVEL[BY_SEVERITY[row["final"]]]
    return Text(
        f"本区县{wanted.zh}色名额已满，按{final.zh}色处理",
        f"the county has no room for more {wanted.en}: {final.en}",
    )


def _risk(risk: float, *, points: bool, digits: int = 1) -> Text:
    if points:
        return Text(f"规则得分{risk:g}", f"{risk:g} points")
    return Text(f"转网概率{risk:.{digits}%}", f"risk {risk:.{digits}%}")


def _limit(limit: float, *, points: bool) -> str:
    return f"{limit:g}" if points else f"{limit:.0%}"


_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
