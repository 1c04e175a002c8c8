"""One page for one red group: what a person reads on the way to the customer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from features.definition import Text
from serving.sheets.cells import Content, clean, height, known
from serving.sheets.formats import COLOURS, Formats, prepare_for_print, write
from serving.sheets.headings import HEADINGS, Heading, content
from serving.words import Language, say

WIDTHS = (16, 30, 16, 30)
FACTS = (
    *("probability", "rules_points", "due_date", "change", "times_listed", "first_listed"),
    *("am_staff_id", "last_visit_date", "last_feedback", "members", "key_members"),
    *("monthly_revenue_fen", "revenue_at_risk_fen", "industry_l1", "tier", "area_id"),
)
LOCK_IN = ("lock_share", "next_expiry_date", "ending_60_share")
WHO = ("contact_id", "contact_can_sign", "letter_valid_to", "letter_scope")
SENTENCES = {
    Text("为什么", "Why"): ("level_why", "reason_1", "reason_2", "reason_3"),
    Text("保护因素", "What holds it"): ("protective",),
    Text("上期以来的变化", "What changed"): ("changed",),
    Text("建议动作", "What to do"): ("action", "first_step", "offer", "action_why"),
    Text("不选的动作", "Ruled out"): ("ruled_out",),
    Text("建议捆绑成员", "Members to bundle"): ("bundle_members", "bundle_why"),
    Text("沟通要点", "Talking points"): ("talking",),
    Text("派给谁", "Who goes"): ("route",),
}
BLOCKS = {
    Text("概况", "At a glance"): FACTS,
    Text("捆绑与到期", "Lock-in"): LOCK_IN,
    Text("联系谁", "Whom to see"): WHO,
}
WHERE_TO_REPORT = Text(
    "拜访结果请填在“{sheet}”表绿色各列。", "Report the outcome in the green columns of “{sheet}”."
)
_BY_COLUMN = {heading.column: heading for heading in HEADINGS}


def page_title(row: Mapping[str, Any], language: Language) -> str:
    """The group in one line: place, name and id."""
    name = f"{row['group_name']} " if known(row.get("group_name")) else ""
    return clean(f"{int(row['rank'])}. {name}({row['group_id']})")


def facts(
    row: Mapping[str, Any], columns: tuple[str, ...], language: Language
) -> list[tuple[Heading, Content]]:
    """What is known of a group, each with its heading; what is unknown is left out."""
    found = [_BY_COLUMN[column] for column in columns if known(row.get(column))]
    return [(heading, content(row[heading.column], heading, language)) for heading in found]


def paragraphs(row: Mapping[str, Any], language: Language) -> Iterator[tuple[str, list[str]]]:
    """What is to be said of a group, a title and its sentences."""
    for title, columns in SENTENCES.items():
        said = [clean(str(row[column])) for column in columns if known(row.get(column))]
        if said:
            yield say(title, language), said


def write_group(
    sheet: Worksheet, row: Mapping[str, Any], list_sheet: str, formats: Formats, language: Language
) -> None:
    """Fill the sheet: facts in two columns, then sentences across the page.

    Args:
        row: One row of ``serving.sheets.headings.shown``.
        list_sheet: Name of the sheet on which the outcome is reported.
    """
    sheet.hide_gridlines(2)
    for place, width in enumerate(WIDTHS):
        sheet.set_column(place, place, width)
    sheet.set_row(0, 30)
    sheet.write_string(0, 0, page_title(row, language), formats.large)
    heading = _BY_COLUMN["level"]
    level = content(row["level"], heading, language)
    write(sheet, 0, 3, level, formats.of("mark", COLOURS.get(row["level"])))
    number = 1
    for title, columns in BLOCKS.items():
        number = _write_facts(
            sheet, number, title, facts(row, columns, language), formats, language
        )
    for name, said in paragraphs(row, language):
        number = _write_title(sheet, number, name, formats)
        for text in said:
            number = _write_across(sheet, number, text, formats, language)
    where = say(WHERE_TO_REPORT, language).format(sheet=list_sheet)
    _write_across(sheet, number + 1, where, formats, language)
    prepare_for_print(sheet, page_title(row, language), pages=1, landscape=False)


def _write_title(sheet: Worksheet, number: int, title: str, formats: Formats) -> int:
    sheet.set_row(number, 24)
    sheet.write_string(number, 0, title, formats.title)
    return number + 1


def _write_facts(
    sheet: Worksheet,
    number: int,
    title: Text,
    found: list[tuple[Heading, Content]],
    formats: Formats,
    language: Language,
) -> int:
    if not found:
        return number
    number = _write_title(sheet, number, say(title, language), formats)
    for start in range(0, len(found), 2):
        pair = found[start : start + 2]
        tall = [height([cell], [WIDTHS[1]], language) for _, cell in pair]
        sheet.set_row(number, max(tall))
        for place, (heading, cell) in enumerate(pair):
            sheet.write_string(number, 2 * place, say(heading.title, language), formats.header)
            write(sheet, number, 2 * place + 1, cell, formats.of(heading.shape, left=True))
        number += 1
    return number


def _write_across(
    sheet: Worksheet, number: int, text: str, formats: Formats, language: Language
) -> int:
    sheet.set_row(number, height([text], [sum(WIDTHS)], language))
    sheet.merge_range(number, 0, number, len(WIDTHS) - 1, "", formats.plain)
    sheet.write_string(number, 0, text, formats.plain)
    return number + 1
