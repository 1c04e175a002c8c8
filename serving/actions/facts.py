"""What conditions of retention actions may ask about a group, and how it is said.

Facts are columns of ``serving.actions.table.ActionInputs.groups``. A missing value is unknown,
and what is unknown fulfils no condition.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from features.definition import Text
from serving.actions.kinds import KINDS, LEVELS, Kind
from serving.words import INDUSTRY, LEVEL


@dataclass(frozen=True)
class Fact:
    """A fact's kind and words; a flag has words for yes and for no instead of a name."""

    kind: Kind
    name: Text
    no: Text | None = None

    def value(self, value: Any) -> Text:
        """The value in words."""
        if pd.isna(value):
            return Text("未知", "unknown")
        match self.kind:
            case "fen":
                return Text(f"{value / 100:,.0f}元", f"{value / 100:,.0f} yuan")
            case "share":
                return Text(f"{value:.0%}", f"{value:.0%}")
            case "minutes":
                return Text(f"{value:.0f}分钟", f"{value:.0f} minutes")
            case "level":
                return LEVEL.get(value, Text(value, value))
            case "word":
                return INDUSTRY.get(value, Text(value, value))
            case _:
                return Text(f"{value:.0f}", f"{value:.0f}")


_WORDS: Final[Mapping[str, tuple[Text, Text | None]]] = {
    "level": (Text("预警级别", "alert level"), None),
    "tier": (Text("集团等级", "tier"), None),
    "industry_l1": (Text("行业", "industry"), None),
    "members": (Text("成员数", "members"), None),
    "key_members": (Text("关键成员数", "key members"), None),
    "vnet_members": (Text("V网成员数", "V-net members"), None),
    "vnet_std_members": (Text("未迁移的V网成员数", "V-net members on an old plan"), None),
    "idle_sms_members": (
        Text("未用短号短信的V网成员数", "V-net members without short SMS use"),
        None,
    ),
    "vnet_minutes": (Text("人均V网通话", "V-net minutes per member"), None),
    "arpu_fen": (Text("人均账单", "bill per member"), None),
    "arrears_fen": (Text("集团欠费", "arrears"), None),
    "monthly_revenue_fen": (Text("月收入", "monthly revenue"), None),
    "lock_share": (Text("捆绑率", "share under contract"), None),
    "ending_share": (Text("60天内到期成员占比", "share whose contract ends in 60 days"), None),
    "unmanaged": (
        Text("无客户经理", "no account manager"),
        Text("已有客户经理", "has an account manager"),
    ),
    "letter_valid": (
        Text("已有有效授权书", "a letter is valid"),
        Text("无有效授权书", "no valid letter"),
    ),
    "double_top100": (
        Text("双百强集团", "double top-100"),
        Text("非双百强集团", "not double top-100"),
    ),
    "in_park": (Text("在园区楼宇内", "in a park or building"), Text("不在园区楼宇", "in no park")),
    "points_agreement": (
        Text("积分V网协议生效中", "a points V-net agreement runs"),
        Text("无积分V网协议", "no points agreement"),
    ),
    "power100": (Text("已办动力100", "holds Power 100"), Text("未办动力100", "holds no Power 100")),
    "school_msg": (
        Text("已开通校讯通", "holds school messaging"),
        Text("未开通校讯通", "holds no school messaging"),
    ),
    "industry_app": (
        Text("已用行业应用", "holds an industry application"),
        Text("无行业应用", "holds no application"),
    ),
    "line_laid": (
        Text("专线已预埋", "a line is pre-laid"),
        Text("专线未预埋", "no line is pre-laid"),
    ),
    "line_delivered": (
        Text("专线已开通", "a dedicated line runs"),
        Text("专线未开通", "no dedicated line runs"),
    ),
}
FACTS: Final[Mapping[str, Fact]] = {
    name: Fact(KINDS[name], said, no) for name, (said, no) in _WORDS.items()
}
"""Every fact by name."""


@dataclass(frozen=True)
class Condition:
    """Something that must hold of a group before an action may be offered to it.

    Exactly one of the limits is given: a number (or, for levels, a level) ``at_least`` or
    ``at_most``, or the values of which it ``is_in`` one. With ``any_of`` one of several conditions
    is enough, and ``fact`` is empty. Flags count 1 for yes, 0 for no.
    """

    fact: str = ""
    at_least: float | str | None = None
    at_most: float | str | None = None
    is_in: tuple[str, ...] = ()
    any_of: tuple[Condition, ...] = ()

    @property
    def facts(self) -> frozenset[str]:
        """The facts that it asks for."""
        inner = frozenset().union(*(one.facts for one in self.any_of))
        return inner | {self.fact} if self.fact else inner

    def holds(self, group: Mapping[str, Any]) -> bool:
        """Whether the group fulfils it; never where the fact is unknown."""
        if self.any_of:
            return any(one.holds(group) for one in self.any_of)
        value = group.get(self.fact)
        if pd.isna(value):
            return False
        if self.is_in:
            return value in self.is_in
        seen, low, high = (_ranked(one) for one in (value, self.at_least, self.at_most))
        return bool((low is None or seen >= low) and (high is None or seen <= high))

    def fault(self, group: Mapping[str, Any]) -> Text:
        """Why a group does not fulfil it, with its value and what is asked."""
        if self.any_of:
            faults = [one.fault(group) for one in self.any_of]
            return Text(
                "，且".join(one.zh for one in faults), " and ".join(one.en for one in faults)
            )
        fact, value = FACTS[self.fact], group.get(self.fact)
        if fact.kind == "flag" and fact.no is not None:
            if pd.isna(value):
                return Text(f"不知是否{fact.name.zh}", f"unknown whether {fact.name.en}")
            return fact.name if value else fact.no
        said, asked = fact.value(value), self._asked(fact)
        return Text(
            f"{fact.name.zh}{said.zh}（须{asked.zh}）",
            f"{fact.name.en} {said.en} (needs {asked.en})",
        )

    def _asked(self, fact: Fact) -> Text:
        if self.is_in:
            words = [fact.value(one) for one in self.is_in]
            return Text("、".join(w.zh for w in words), " or ".join(w.en for w in words))
        limit = fact.value(self.at_least if self.at_least is not None else self.at_most)
        if self.at_least is not None:
            return Text(f"≥{limit.zh}", f"at least {limit.en}")
        return Text(f"≤{limit.zh}", f"at most {limit.en}")


def _ranked(value: Any) -> Any:
    return LEVELS.index(value) if isinstance(value, str) else value
