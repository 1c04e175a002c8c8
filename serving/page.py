"""The risk list as a page that a browser shows and prints: the same content as the workbook."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from features.definition import Text
from serving import words
from serving.legend import legend
from serving.provenance import Provenance
from serving.recipients import recipients
from serving.risk_list import ListRules
from serving.scorecard import Scorecard
from serving.scorecard_words import BY_LEVEL, BY_LIST, spoken
from serving.sheets.cells import Content, clean
from serving.sheets.group_sheet import BLOCKS, facts, page_title, paragraphs
from serving.sheets.headings import (
    ENTRIES,
    LOOKED_UP,
    NEEDED,
    Heading,
    content,
    headings,
    shown,
)
from serving.sheets.legend_sheet import LEGEND_SHEET
from serving.sheets.list_sheet import list_name
from serving.words import Language, say
from serving.workbook import Names

FONT = Text("'Microsoft YaHei', 'PingFang SC', 'Noto Sans CJK SC'", "Calibri, Helvetica, Arial")
SUBTITLE = Text(
    "清单日期 {day} · 清单编号 {list_id} · 共{number}个集团",
    "List of {day} · {list_id} · {number} groups",
)
IN_NUMBERS = {"count", "share", "yuan", "day"}
FREELY = {"notes", "action_given"}
ON_TOP = {"list_id", "method"}
"""Looked-up columns that the head of the page tells for all rows."""


def page(
    rows: pd.DataFrame,
    scorecard: Scorecard | None,
    made: Provenance,
    rules: ListRules,
    language: Language = "zh",
    names: Names | None = None,
) -> bytes:
    """A list as HTML in UTF-8: no script, nothing from elsewhere, every text escaped.

    On paper (A4 landscape) a group's row, the form to tick beneath it and its details stay
    together. Arguments as for ``serving.workbook.workbook``; the same arguments give the same
    bytes.
    """
    names = names or Names()
    columns = headings(rows)
    texts = [
        {str(name): value for name, value in row.items()}
        for row in shown(rows, language, names.areas).to_dict("records")
    ]
    needed = [heading for heading in columns if heading in NEEDED]
    card = spoken(scorecard, language)
    colours = {say(text, language): level for level, text in words.LEVEL.items()}
    title = list_name(rows, language)
    html = _template().render(
        lang="zh-CN" if language == "zh" else "en",
        font=say(FONT, language),
        title=title,
        subtitle=say(SUBTITLE, language).format(
            day=rows["as_of"].iloc[0], list_id=clean(rows["list_id"].iloc[0]), number=len(rows)
        ),
        card=card,
        tables=[
            (say(name, language), table)
            for name, table in ((BY_LEVEL, card.by_level), (BY_LIST, card.by_list))
            if table
        ],
        colours=colours,
        list_title=title,
        columns=[say(heading.title, language) for heading in needed],
        widths=_shares(needed),
        entries=[_entry(heading, language) for heading in ENTRIES],
        rows=[_row(row, needed, columns, language) for row in texts],
        groups=[_group(row, language) for row in texts if row["level"] == "red"],
        legend_title=say(LEGEND_SHEET, language),
        legend=[
            tuple(clean(text) for text in line)
            for line in legend(rows, made, rules, columns, language)
        ],
    )
    return html.encode()


def pages(
    rows: pd.DataFrame,
    scorecard: Scorecard | None,
    made: Provenance,
    rules: ListRules,
    language: Language = "zh",
    names: Names | None = None,
) -> dict[str, bytes]:
    """A page a person and one a county, as ``serving.workbook.workbooks`` makes workbooks."""
    return {
        f"{name}.html": page(some, scorecard, made, rules, language, names)
        for name, some in recipients(rows).items()
    }


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("serving"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("risk_list.html.j2")


def _shares(needed: list[Heading]) -> list[str]:
    """Widths of the columns in percent of the page."""
    whole = sum(heading.width for heading in needed)
    return [f"{100 * heading.width / whole:.2f}" for heading in needed]


def _entry(heading: Heading, language: Language) -> dict[str, object]:
    offered = heading.codes or {}
    return {
        "title": say(heading.title, language),
        "choices": [say(text, language) for text in offered.values()],
        "wide": heading.column in FREELY,
    }


def _row(
    row: Mapping[str, Any],
    needed: list[Heading],
    columns: tuple[Heading, ...],
    language: Language,
) -> dict[str, object]:
    below = [heading.column for heading in columns if heading in LOOKED_UP]
    more = tuple(column for column in below if column not in ON_TOP)
    return {
        "level": row["level"],
        "needed": [
            {
                "look": "number" if heading.shape in IN_NUMBERS else heading.shape,
                "text": _text(content(row[heading.column], heading, language), heading),
            }
            for heading in needed
        ],
        "more": _facts(row, more, language),
    }


def _group(row: Mapping[str, Any], language: Language) -> dict[str, object]:
    blocks = [
        {"title": say(title, language), "facts": _facts(row, columns, language)}
        for title, columns in BLOCKS.items()
    ]
    return {
        "title": page_title(row, language),
        "level": row["level"],
        "level_text": say(words.LEVEL[row["level"]], language),
        "blocks": [block for block in blocks if block["facts"]],
        "paragraphs": list(paragraphs(row, language)),
    }


def _facts(
    row: Mapping[str, Any], columns: tuple[str, ...], language: Language
) -> list[dict[str, str]]:
    return [
        {"title": say(heading.title, language), "text": _text(cell, heading)}
        for heading, cell in facts(row, columns, language)
    ]


def _text(cell: Content, heading: Heading) -> str:
    """A cell as the workbook shows it."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d}"
    if isinstance(cell, str):
        return cell
    return f"{cell:.1%}" if heading.shape == "share" else f"{cell:,.0f}"
