"""The sheet that says how to read the list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Protocol

import pandas as pd

from data_contracts.contract import source_tables
from features.definition import Text
from serving import words
from serving.provenance import Provenance
from serving.risk_list import ListRules
from serving.sheets.headings import RULES, list_method
from serving.words import Language, say

Line = tuple[Text, ...]


class Titled(Protocol):
    """A column of the sheet."""

    @property
    def column(self) -> str: ...
    @property
    def title(self) -> Text: ...


def legend(
    rows: pd.DataFrame,
    made: Provenance,
    rules: ListRules,
    headings: Iterable[Titled],
    language: Language,
) -> list[tuple[str, ...]]:
    """Lines of the legend: a heading alone, or a term and what it means."""
    by_rules = list_method(rows) == RULES
    lines = [
        *_title(by_rules),
        *_predicted(made),
        *_use(rows),
        *_levels(rules, by_rules, made.data_cutoff),
        *_choices(),
        *_reasons(by_rules),
        *_columns(headings, rules),
        *_freshness(made),
        *_origin(made),
    ]
    return [tuple(say(text, language) for text in line) for line in lines]


def _title(by_rules: bool) -> Iterator[Line]:
    if by_rules:
        yield (Text("规则清单：按规则得分排序，不是模型概率", "Rule-based list: no probabilities"),)
        yield (
            Text("为什么", "Why"),
            Text(
                "已知转网集团太少，不足以训练可信的模型，因此按经验规则打分。",
                "Too few groups are known to have left for a model to be trusted, so that rules "
                "of experience rank the groups.",
            ),
        )
    else:
        yield (Text("模型清单：按校准后的转网概率排序", "Model list: by calibrated risk"),)


def _predicted(made: Provenance) -> Iterator[Line]:
    if made.label_meaning is not None:
        yield Text("预测什么", "What is predicted"), made.label_meaning


def _use(rows: pd.DataFrame) -> Iterator[Line]:
    yield (
        Text("怎么用", "What to do"),
        Text(
            "从上往下，在处理截止日之前联系客户；结果填在绿色各列，保存后发回本文件。可以排序、"
            "筛选、删去不用的列，但请保留工单编号。",
            "Work from the top and contact each group by its day; fill in the green columns, save, "
            "and send this file back. Sort, filter and delete columns as you like, but keep the "
            "column Case.",
        ),
    )
    for first in rows.head(1).to_dict("records"):
        yield (
            Text("清单日期", "Day of the list"),
            Text(
                f"{first['as_of']}，只用当天已经入库的数据。",
                f"{first['as_of']}; only what was known on that day was used.",
            ),
        )
        yield Text("清单编号", "List"), _same(first["list_id"])


def _levels(rules: ListRules, by_rules: bool, as_of: date) -> Iterator[Line]:
    limits = rules.levels
    yield (Text("预警等级", "Levels"),)
    for level, limit in (("red", limits.red), ("orange", limits.orange), ("yellow", limits.yellow)):
        days = rules.due_days(level, as_of)
        zh, en = ("规则得分", "points") if by_rules else ("转网概率", "risk")
        shown = f"{limit:g}" if by_rules else f"{limit:.0%}"
        yield (
            words.LEVEL[level],
            Text(f"{zh}≥{shown}，{days}天内联系", f"{en} at least {shown}, contact in {days} days"),
        )
    yield (
        words.LEVEL["blue"],
        Text(
            "业务提醒：合约或授权书将到期、欠费、等级下调等，与转网概率无关。",
            "A reminder, whatever the risk: contracts or a letter about to end, arrears, a lower "
            "tier and the like.",
        ),
    )
    if rules.at_least:
        yield (
            words.LEVEL["none"],
            Text(
                f"未到预警线，按排名补足到{rules.at_least}个集团。",
                f"Below these limits; the list is filled up by rank to {rules.at_least} groups.",
            ),
        )
    yield (
        Text("上限", "Caps"),
        Text(
            f"每个区县红色不超过{limits.most_red:.1%}，红橙合计不超过"
            f"{limits.most_red_and_orange:.1%}；超出的降一级。",
            f"In a county at most {limits.most_red:.1%} are red and "
            f"{limits.most_red_and_orange:.1%} red or orange; others stand one level lower.",
        ),
    )


def _choices() -> Iterator[Line]:
    yield (Text("反馈怎么填", "What to report"),)
    for code, text in words.FEEDBACK.items():
        yield text, words.FEEDBACK_MEANS[code]


def _reasons(by_rules: bool) -> Iterator[Line]:
    yield (Text("怎样看原因", "How to read the reasons"),)
    if by_rules:
        yield (
            Text("原因", "Reasons"),
            Text("命中的规则，按得分从高到低。", "The rules that hold, most points first."),
        )
        return
    yield (
        Text("原因", "Reasons"),
        Text(
            "影响最大的排在最前。原因说明模型看到了什么，不证明因果，请在沟通中核实；"
            "未知的数据不作原因。",
            "The strongest stands first. Reasons say what the model saw, not what caused it: find "
            "out when you meet the group. What is unknown is never a reason.",
        ),
    )
    yield (
        Text("影响怎样计算", "How strong"),
        Text(
            "按对模型原始得分（对数几率）的贡献；概率是之后校准得到的，校准不改变先后。",
            "By what it adds to the raw score (log-odds); the risk is calibrated afterwards, which "
            "keeps the order.",
        ),
    )


def _columns(headings: Iterable[Titled], rules: ListRules) -> Iterator[Line]:
    at_risk = Text(
        f"转网概率×{rules.months_at_risk:g}个月×月收入×转走比例(同规模集团的经验值,样本不足时取"
        f"{rules.revenue_share:.0%})。",
        f"Risk x {rules.months_at_risk:g} months x monthly revenue x the share of it that goes (by "
        f"what groups of the size lost; {rules.revenue_share:.0%} where too few did).",
    )
    means = {**words.COLUMN_MEANS, "revenue_at_risk_fen": at_risk}
    yield (Text("各列含义", "Columns"),)
    for heading in headings:
        if heading.column in means:
            yield heading.title, means[heading.column]


def _freshness(made: Provenance) -> Iterator[Line]:
    yield (Text("各数据源时效", "Newest data of each source"),)
    for name, newest in sorted(made.freshness.items()):
        table = source_tables().get(name)
        yield _same(newest), Text(table.meaning_zh, table.meaning) if table else _same(name)


def _origin(made: Provenance) -> Iterator[Line]:
    yield (Text("来源（有疑问时请一并提供）", "Origin, to be quoted with questions"),)
    yield Text("数据截止日", "Data until"), _same(made.data_cutoff)
    yield Text("模型或规则", "Model or rules"), _same(f"{made.model_name} {made.model_version}")
    yield Text("转网定义版本", "Definition of a transfer"), _same(made.label_version)
    yield Text("数据版本", "Data"), _same(made.data_version)
    yield Text("配置", "Settings"), _same(made.config_hash)


def _same(value: object) -> Text:
    return Text(str(value), str(value))
