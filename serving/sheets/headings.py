"""The columns of the list: what a visit needs, then room for its outcome, then what is looked up.

Workbook, page and CSV file show the same columns, and a filled-in file is read by their titles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import pandas as pd

from features.definition import Text
from serving import words
from serving.sheets.cells import Content, clean, known, midnight
from serving.words import Language, say

Shape = Literal["text", "mark", "count", "share", "yuan", "day", "entry", "entry_day", "id"]


@dataclass(frozen=True)
class Heading:
    """One column: what of the list it shows, how, and what an empty cell says.

    Attributes:
        column: Column of the list, or one that ``shown`` puts together from several.
        title: Its title, by which a filled-in file is read again.
        width: Width on the sheet, in digits.
        shape: How it looks; ``entry`` and ``entry_day`` are what a person fills in.
        codes: Words for the codes in it; for an entry, what may be chosen.
        empty: What an empty cell says.
    """

    column: str
    title: Text
    width: int
    shape: Shape
    codes: Mapping[str, Text] | None = None
    empty: Text | None = None

    @property
    def is_entry(self) -> bool:
        """Whether a person fills it in."""
        return self.shape.startswith("entry")


NEEDED: tuple[Heading, ...] = (
    Heading("rank", Text("排名", "Rank"), 6, "count"),
    Heading("level", Text("预警等级", "Level"), 8, "mark", words.LEVEL),
    Heading("change", Text("较上期", "Change"), 9, "text", words.CHANGE),
    Heading("group_id", Text("集团编号", "Group"), 16, "text"),
    Heading("group_name", Text("集团名称", "Name"), 16, "text"),
    Heading("due_date", Text("处理截止日", "Due by"), 13, "day"),
    Heading("probability", Text("转网概率", "Risk"), 8, "share"),
    Heading("rules_points", Text("规则得分", "Points"), 8, "count"),
    Heading("why", Text("为什么", "Why"), 40, "text"),
    Heading("changed", Text("上期以来的变化", "What changed"), 20, "text"),
    Heading("do", Text("建议动作", "What to do"), 24, "text"),
    Heading("contact_id", Text("联系人", "Contact"), 20, "text"),
    Heading("contact_can_sign", Text("能否签约", "Can sign"), 9, "text", words.CAN_SIGN),
    Heading("last_visit_date", Text("最近走访", "Last visit"), 13, "day"),
    Heading("am_staff_id", Text("客户经理", "Manager"), 11, "text", None, words.NO_OWNER),
)
"""What a visit needs."""
ENTRIES: tuple[Heading, ...] = (
    Heading("feedback", Text("反馈", "Feedback"), 13, "entry", words.FEEDBACK),
    Heading("contact_date", Text("联系日期", "Contacted on"), 12, "entry_day"),
    Heading("notes", Text("备注", "Notes"), 22, "entry"),
    Heading("contact_role", Text("见到谁", "Whom you met"), 10, "entry", words.CONTACT_ROLE),
    Heading("intent", Text("留网意愿", "Will they stay"), 11, "entry", words.INTENT),
    Heading("rival", Text("竞争对手", "Rival"), 10, "entry", words.RIVAL),
    Heading("rival_offer", Text("对手条件", "Rival's offer"), 13, "entry", words.OFFER),
    Heading("action_given", Text("实际动作", "What you did"), 16, "entry"),
    Heading("cost_yuan", Text("费用(元)", "Cost in yuan"), 9, "entry"),
    Heading("next_step_date", Text("下次跟进日", "Next step on"), 12, "entry_day"),
)
"""Eight questions, under a minute: the outcome, when, whom, will they stay, which rival with what
offer, what was done at what cost, when next, and a note."""
LOOKED_UP: tuple[Heading, ...] = (
    Heading("level_why", Text("等级依据", "Why this level"), 22, "text"),
    Heading("protective", Text("保护因素", "What holds it"), 19, "text"),
    Heading("talking", Text("沟通要点", "Talking points"), 26, "text"),
    Heading("action_why", Text("为何选此动作", "Why this action"), 22, "text"),
    Heading("ruled_out", Text("不选的动作", "Ruled out"), 22, "text"),
    Heading("cost_fen", Text("动作成本(元)", "Cost of action"), 10, "yuan"),
    Heading("bundle_members", Text("建议捆绑成员", "Members to bundle"), 20, "text"),
    Heading("letter_valid_to", Text("授权书到期", "Letter until"), 12, "day"),
    Heading("letter_scope", Text("授权范围", "Letter covers"), 10, "text", words.LETTER_SCOPE),
    Heading("last_feedback", Text("上次反馈", "Last feedback"), 13, "text", words.FEEDBACK),
    Heading("first_listed", Text("首次上榜", "First listed"), 12, "day"),
    Heading("times_listed", Text("上榜次数", "Times listed"), 9, "count"),
    Heading("monthly_revenue_fen", Text("月收入(元)", "Monthly yuan"), 10, "yuan"),
    Heading("revenue_at_risk_fen", Text("风险收入(元)", "Yuan at risk"), 10, "yuan"),
    Heading("expected_saved_fen", Text("预计挽回(元)", "Yuan to save"), 10, "yuan"),
    Heading("members", Text("成员数", "Members"), 9, "count"),
    Heading("key_members", Text("关键成员", "Key members"), 9, "count"),
    Heading("lock_share", Text("捆绑率", "Locked in"), 9, "share"),
    Heading("next_expiry_date", Text("最近到期", "Next expiry"), 12, "day"),
    Heading("ending_60_share", Text("60天内到期", "Ends in 60 d"), 9, "share"),
    Heading("tier", Text("等级", "Tier"), 6, "text"),
    Heading("area_id", Text("区域", "Area"), 14, "text"),
    Heading("industry_l1", Text("行业", "Industry"), 14, "text", words.INDUSTRY),
    Heading("route", Text("派给", "Goes to"), 20, "text"),
    Heading("feedback_due", Text("反馈截止日", "Report by"), 12, "day"),
    Heading("confidence", Text("可信度", "Confidence"), 12, "text", words.CONFIDENCE),
    Heading("method", Text("清单类型", "Kind of list"), 12, "text", words.METHOD),
    Heading("list_id", Text("清单编号", "List"), 22, "id"),
    Heading("case_id", Text("工单编号", "Case"), 22, "id"),
)
"""What is looked up, and at the end the ids that bring a filled-in row home."""
HEADINGS = NEEDED + ENTRIES + LOOKED_UP
RULES = "rules"
ONLY_OF_MODELS = {"probability", "protective", "revenue_at_risk_fen", "expected_saved_fen"}
ONLY_OF_RULES = {"rules_points"}
_TOGETHER: Mapping[str, tuple[str, ...]] = {
    "why": ("happened", "reason_1", "reason_2", "reason_3"),
    "do": ("action", "first_step", "offer"),
}


def headings(rows: pd.DataFrame) -> tuple[Heading, ...]:
    """The columns of a list, in order; what its frame lacks, or its method has not, is left out."""
    if list_method(rows) == RULES:
        hidden = ONLY_OF_MODELS
    else:
        hidden = set() if rows["method"].eq(RULES).any() else ONLY_OF_RULES
    there = set(shown(rows.head(0), "zh").columns)
    return tuple(
        heading
        for heading in HEADINGS
        if heading.column not in hidden and (heading.is_entry or heading.column in there)
    )


def list_method(rows: pd.DataFrame) -> str:
    """What made the list: a model, the rules, or scores out of fold.

    Single rows of a model's list may stand there by rules (large groups), or by what happened.
    """
    methods = set(rows["method"])
    if "out_of_fold" in methods:
        return "out_of_fold"
    return "model" if "model" in methods or rows["probability"].notna().any() else RULES


def shown(
    rows: pd.DataFrame, language: Language, area_names: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """The list with the columns that headings name, texts in one language.

    Args:
        rows: The list of ``serving.risk_list``.
        area_names: Names to show in place of ids of areas.
    """
    ending = f"_{language}"
    mine = [name for name in map(str, rows.columns) if name.endswith(ending)]
    texts = rows.assign(**{name.removesuffix(ending): rows[name] for name in mine})
    texts["area_id"] = texts["area_id"].replace(dict(area_names or {}))
    if {"level_why", "trigger"} <= set(texts):
        texts["happened"] = texts["level_why"].where(texts["trigger"].notna())
    for column, parts in _TOGETHER.items():
        present = [part for part in parts if part in texts]
        if present:
            texts[column] = [_joined(column, row) for row in texts[present].itertuples(index=False)]
    if "route_to" in texts:
        texts["route"] = [_route(row, language) for _, row in texts.iterrows()]
    return texts.drop(columns=[entry.column for entry in ENTRIES], errors="ignore")


def content(value: Any, heading: Heading, language: Language) -> Content:
    """What a cell of the column holds: words for codes, yuan for fen, None for nothing."""
    if heading.is_entry:
        return None
    if not known(value):
        return say(heading.empty, language) if heading.empty else None
    if isinstance(value, date):
        return midnight(value)
    if isinstance(value, str):
        text = heading.codes.get(value) if heading.codes else None
        return say(text, language) if text else clean(value)
    return float(value) / 100 if heading.shape == "yuan" else float(value)


def choices(heading: Heading, actions: Mapping[str, Text]) -> Mapping[str, Text]:
    """What may be chosen in an entry; empty where it is written freely."""
    return actions if heading.column == "action_given" else heading.codes or {}


def actions_of(rows: pd.DataFrame) -> dict[str, Text]:
    """The actions that a list names, by code: what there is to choose from if no more is known."""
    wanted = ["action_code", "action_zh", "action_en"]
    if not set(wanted) <= set(rows):
        return {}
    named = rows[wanted].dropna().drop_duplicates("action_code")
    found = sorted(named.itertuples(index=False, name=None))
    return {code: Text(clean(zh), clean(en)) for code, zh, en in found}


def _joined(column: str, parts: Iterable[object]) -> str | None:
    said = [str(part) for part in parts if known(part)]
    if column == "why" and len(said) > 1:
        said = [f"{number}. {text}" for number, text in enumerate(said, start=1)]
    return "\n".join(said) or None


def _route(row: pd.Series[Any], language: Language) -> str | None:
    """Who gets it, who hears of it, and why, where it is not simply its manager."""
    people = [str(row[name]) for name in ("route_to", "also_to") if known(row.get(name))]
    why = row.get("routing_why")
    said = ("、" if language == "zh" else ", ").join(people)
    return "\n".join([said, *([str(why)] if known(why) else [])]) or None
