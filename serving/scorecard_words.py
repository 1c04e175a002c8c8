"""The scorecard in words, for the first sheet of the workbook and the head of the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from features.definition import Text
from serving import words
from serving.scorecard import Comparison, LevelScore, ListScore, Scorecard
from serving.words import Language, say

TITLE = Text("往期清单成绩单", "How past lists did")
BY_LEVEL = Text("结果已知的清单", "Lists with known outcome")
BY_LIST = Text("最近的清单", "Newest lists")
NOTHING = "-"
NOT_KNOWN_YET = Text("未到期", "not known yet")
LEVEL_TITLES = (
    Text("预警等级", "Level"),
    Text("工单", "Cases"),
    Text("已联系", "Contacted"),
    Text("已流失", "Lost"),
    Text("模型预计流失", "Lost as promised"),
    Text("联系后仍在网", "Contacted and still ours"),
    Text("结果未知", "Outcome unknown"),
)
LIST_TITLES = (
    Text("清单日期", "List of"),
    Text("新开工单", "New cases"),
    Text("其中红色", "Of them red"),
    Text("已联系", "Contacted"),
    Text("已流失", "Lost"),
)
HOW = Text(
    "流失与否以数据认定（转网定义见说明），不以填报为准；联系后仍在网，不等于因联系而留住，"
    "要看与对照组之差。",
    "Lost or not is told by the data (see the legend), not by what was reported. Contacted and "
    "still ours need not be saved by the contact: that is what those held back tell.",
)


@dataclass(frozen=True)
class Spoken:
    """A scorecard ready to be shown: sentences, then two tables of texts, titles first."""

    title: str
    sentences: tuple[str, ...]
    by_level: tuple[tuple[str, ...], ...]
    by_list: tuple[tuple[str, ...], ...]


def spoken(card: Scorecard | None, language: Language) -> Spoken:
    """The scorecard in one language; None says that there is no past list."""
    by_level = [tuple(say(title, language) for title in LEVEL_TITLES)]
    by_list = [tuple(say(title, language) for title in LIST_TITLES)]
    if card is not None:
        by_level += [_level_row(row, language) for row in card.levels if row.listed]
        by_list += [_list_row(row, language) for row in card.lists]
    return Spoken(
        title=say(TITLE, language),
        sentences=tuple(say(text, language) for text in _sentences(card)),
        by_level=tuple(by_level) if len(by_level) > 1 else (),
        by_list=tuple(by_list) if len(by_list) > 1 else (),
    )


def _sentences(card: Scorecard | None) -> Iterator[Text]:
    if card is None or not card.lists:
        yield Text("还没有往期清单。", "There is no past list yet.")
        return
    if not card.days:
        yield Text(
            f"样本还不够：清单发出{card.matures_after}天后才知道结果，目前还没有这样的清单。",
            f"Not enough yet: what became of a list is known {card.matures_after} days after it, "
            "and no list is so old.",
        )
        return
    yield _headline(card)
    if card.comparison is not None:
        yield _compared(card.comparison)
    yield HOW


def _headline(card: Scorecard) -> Text:
    """How the level that matters most did."""
    number, first, last = len(card.days), card.days[0], card.days[-1]
    between = Text(
        f"最近{number}期结果已知的清单（{first}至{last}）：",
        f"The last {number} list{'s' * (number > 1)} with known outcome ({first} to {last}): ",
    )
    shown = [row for row in card.levels if row.listed]
    if not shown:
        return Text(f"{between.zh}没有集团上榜。", f"{between.en}no group was listed.")
    top = shown[0]
    name = words.LEVEL[top.level]
    promised_zh = f"（模型预计{top.promised:.1f}个）" if top.promised is not None else ""
    promised_en = f" ({top.promised:.1f} promised)" if top.promised is not None else ""
    return Text(
        f"{between.zh}{name.zh}{top.listed}个，已流失{top.lost}个{promised_zh}，"
        f"联系后仍在网{top.kept}个。",
        f"{between.en}{top.listed} {name.en}, {top.lost} lost{promised_en}, {top.kept} contacted "
        "and still ours.",
    )


def _compared(both: Comparison) -> Text:
    if both.saved is None or both.expected_lost is None:
        return Text(
            f"样本还不够，暂不能说挽回了多少：对照组{both.held_back}个，其中流失"
            f"{both.held_back_lost}个；上榜{both.listed}个，流失{both.lost}个。",
            f"Not enough yet to say how many were saved: of {both.held_back} held back "
            f"{both.held_back_lost} were lost, of {both.listed} listed {both.lost}.",
        )
    low, high = both.saved_low or 0.0, both.saved_high or 0.0
    return Text(
        f"与随机对照组相比：按对照组的流失率（{both.held_back}个中{both.held_back_lost}个）应流失"
        f"{both.expected_lost:.1f}个，实际流失{both.lost}个，净挽回{both.saved:.1f}个"
        f"（95%区间{low:.1f}至{high:.1f}）。",
        f"Against those held back at random: at their rate ({both.held_back_lost} of "
        f"{both.held_back}) {both.expected_lost:.1f} would have been lost, {both.lost} were; "
        f"{both.saved:.1f} saved, net (95% interval {low:.1f} to {high:.1f}).",
    )


def _level_row(row: LevelScore, language: Language) -> tuple[str, ...]:
    promised = NOTHING if row.promised is None else f"{row.promised:.1f}"
    return (
        say(words.LEVEL[row.level], language),
        str(row.listed),
        str(row.contacted),
        str(row.lost),
        promised,
        str(row.kept),
        str(row.unknown),
    )


def _list_row(row: ListScore, language: Language) -> tuple[str, ...]:
    lost = say(NOT_KNOWN_YET, language) if row.lost is None else str(row.lost)
    return (row.day.isoformat(), str(row.listed), str(row.red), str(row.contacted), lost)
