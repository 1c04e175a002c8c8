"""The dictionary: every feature in words, made from the catalogue and from nothing else."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Literal, get_args

from data_contracts.contract import source_tables
from features.catalog import FEATURES
from features.definition import MEMBERS, Family, Feature, Text, Window
from features.view import View

Language = Literal["en", "zh"]

FAMILIES: dict[str, Text] = {
    "tier": Text("集团分级与规模", "Tier and size"),
    "subsidy": Text("补贴与捆绑", "Subsidy and lock-in"),
    "vpmn": Text("V网使用", "V-net use"),
    "rival": Text("异网接触", "Rival exposure"),
    "usage": Text("话务与流量", "Usage"),
    "billing": Text("账务与资费", "Billing"),
    "products": Text("集团产品", "Products"),
    "service": Text("服务与投诉", "Service"),
    "management": Text("客户看管", "Management"),
    "contagion": Text("流失传染", "Contagion"),
    "calendar": Text("日历与季节", "Calendar"),
}
_ENTITIES = {"member": Text("成员", "Members"), "group": Text("集团", "Groups")}
_EMPTY_PARTS = re.compile(r"\{[^}]*\}")

_TITLE = Text("特征字典", "Dictionary of features")
_INTRODUCTION = Text(
    "由特征目录自动生成，请勿手改；重新生成："
    "`groupchurn features dictionary --lang zh --out docs/features.zh-CN.md`。"
    "说法中的 … 为当日取值；有两句时按取值选用。",
    "Made from the catalogue, not by hand; to make it again: "
    "`groupchurn features dictionary --lang en --out docs/features.md`. In sentences … stands for "
    "the value of the day; where there are two, the value chooses.",
)
_HEAD = Text(
    "| 特征 | 含义（英文） | 单位 | 取值范围 | 取数窗口 | 无数据时 | 原因 | 方向 | 说法 |",
    "| feature | meaning | unit | range | window | without rows | reason | direction | sentences |",
)


def dictionary(language: Language, features: Iterable[Feature] = FEATURES.values()) -> str:
    """A Markdown page of the features, by family, entity and theme."""
    given = list(features)
    lines = [f"# {_in(_TITLE, language)}", "", _in(_INTRODUCTION, language), ""]
    lines += [_counted(given, language), ""]
    for family in get_args(Family):
        for entity, name in _ENTITIES.items():
            rows = [f for f in given if f.family == family and f.entity == entity]
            if rows:
                title = f"{_in(FAMILIES[family], language)} · {_in(name, language)}"
                lines += [f"## {title}", "", *_themes(rows, language)]
    return "\n".join([*lines, *_views(given, language)]).rstrip() + "\n"


def window_in_words(over: Window | None, language: Language = "en") -> str:
    """Which rows a feature looks at, such as ``last 7 closed months of usage_month``."""
    zh = language == "zh"
    if over is None:
        return "由其他特征得出" if zh else "derived from other columns"
    if over == MEMBERS:
        return "本集团成员的特征" if zh else "features of the group's members"
    rows = _rows_in_words(over, zh=zh)
    if over.through:
        rows += "（经成员）" if zh else ", by way of the members"
    return rows


def range_in_words(feature: Feature) -> str:
    """Smallest and largest value that can be true."""
    return f"{_number(feature.low)} … {_number(feature.high)}"


def empty_in_words(feature: Feature, language: Language = "en") -> str:
    """What a feature is where there is no row at all."""
    if feature.empty is not None:
        return _number(feature.empty)
    return "未知" if language == "zh" else "unknown"


def direction_in_words(feature: Feature, language: Language = "en") -> str:
    """Whether more is riskier or safer, where the domain leaves no doubt."""
    words = {
        1: Text("越大越险", "more is riskier"),
        -1: Text("越大越稳", "more is safer"),
        None: Text("不定", "either"),
    }
    return _in(words[feature.direction], language)


def _rows_in_words(over: Window, *, zh: bool) -> str:
    name, back = over.name, over.lookback
    if isinstance(over.table, View):
        if back is None:
            return f"视图 {name}" if zh else f"view {name}"
        return f"视图 {name} 最近{back}期（或天）" if zh else f"view {name}, ages 0 to {back - 1}"
    grain = source_tables()[name].grain
    if back is None:
        return f"{name} 全部已知记录" if zh else f"every known row of {name}"
    if grain in ("month", "dekad"):
        unit = "月" if grain == "month" else "旬"
        return f"{name} 最近{back}个已结{unit}" if zh else f"last {back} closed {grain}s of {name}"
    return f"{name} 最近{back}天" if zh else f"last {back} days of {name}"


def _themes(rows: Sequence[Feature], language: Language) -> Iterator[str]:
    for theme, features in groupby(rows, key=lambda f: f.formula.__module__.rpartition(".")[2]):
        yield f"### {theme}"
        yield ""
        yield _in(_HEAD, language)
        yield "|" + "---|" * 9
        for feature in features:
            yield _row(feature, language)
        yield ""


def _row(feature: Feature, language: Language) -> str:
    cells = (
        f"`{feature.name}`",
        feature.meaning,
        feature.unit,
        range_in_words(feature),
        window_in_words(feature.over, language),
        empty_in_words(feature, language),
        f"{feature.reason.code} {getattr(feature.reason, language)}",
        direction_in_words(feature, language),
        _sentences(feature, language),
    )
    return "| " + " | ".join(_cell(text) for text in cells) + " |"


def _sentences(feature: Feature, language: Language) -> str:
    said = [_in(feature.raises, language), _in(feature.lowers, language)]
    return " / ".join(_EMPTY_PARTS.sub("…", text) for text in dict.fromkeys(said))


def _views(features: Sequence[Feature], language: Language) -> Iterator[str]:
    """What the views are that the features look at, by their own words."""
    views = {
        f.over.name: f.over.table for f in features if f.over and isinstance(f.over.table, View)
    }
    if not views:
        return
    yield "## 视图" if language == "zh" else "## Views"
    yield ""
    yield "| 视图 | 含义（英文） | 来源表 |" if language == "zh" else "| view | meaning | reads |"
    yield "|---|---|---|"
    for name in sorted(views):
        yield f"| `{name}` | {_cell(views[name].meaning)} | {', '.join(views[name].reads)} |"
    yield ""


def _counted(features: Sequence[Feature], language: Language) -> str:
    members = sum(feature.entity == "member" for feature in features)
    groups = len(features) - members
    if language == "zh":
        return f"共 {len(features)} 个特征：成员 {members} 个，集团 {groups} 个。"
    return f"{len(features)} features: {members} of members, {groups} of groups."


def _number(value: float) -> str:
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    return f"{value:,.10g}".replace("-", "−")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _in(text: Text, language: Language) -> str:
    said: str = getattr(text, language)
    return said
