"""A list that comes back filled in: good rows as reports, bad rows with their number and reason.

Columns are found by their title, in either language, wherever they stand; rows by the id of their
case, or by list and group. So a person may sort, filter, delete other columns, rename the sheet,
write lines above it, and save it as .xlsx or as CSV in UTF-8, GBK or GB18030.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from features.definition import Text
from serving.errors import FilledInError
from serving.returned import answers as read
from serving.returned.answers import Unreadable, short
from serving.returned.columns import KEYS, columns, header, same_group
from serving.returned.files import EMPTY, Cell, Table
from serving.returned.issued import IssuedLists, IssuedRow
from serving.sheets.headings import ENTRIES, choices


@dataclass(frozen=True)
class Answers:
    """What was filled in on one row; None where nothing was.

    Attributes:
        feedback: A code of ``serving.words.FEEDBACK``.
        contact_date: Day on which the group was reached.
        notes: Own words, without numbers of people.
        contact_role: A code of ``CONTACT_ROLE``.
        intent: ``1`` surely leaves to ``5`` surely stays.
        rival, rival_offer: Codes of ``RIVAL`` and ``OFFER``.
        action_given: Code of the action that was taken.
        cost_fen: What it cost.
        next_step_date: When it goes on.
    """

    feedback: str | None = None
    contact_date: date | None = None
    notes: str | None = None
    contact_role: str | None = None
    intent: str | None = None
    rival: str | None = None
    rival_offer: str | None = None
    action_given: str | None = None
    cost_fen: int | None = None
    next_step_date: date | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing was filled in."""
        return all(getattr(self, field.name) is None for field in fields(self))


@dataclass(frozen=True)
class Place:
    """Where a row stood: its number and sheet, and its cells as they were, by title."""

    row: int
    sheet: str
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Report:
    """A good row: where it stood, the row of the list it belongs to, and what was filled in."""

    place: Place
    about: IssuedRow
    answers: Answers


@dataclass(frozen=True)
class Rejected:
    """A bad row: where it stood, and why it is not taken."""

    place: Place
    why: Text


@dataclass(frozen=True)
class FilledIn:
    """A file taken apart; every row below the titles is in exactly one of the three.

    Attributes:
        reports: Good rows that say something.
        rejected: Bad rows.
        untouched: Rows on which nothing was filled in.
    """

    reports: tuple[Report, ...]
    rejected: tuple[Rejected, ...]
    untouched: int


def filled_in(
    sheets: Sequence[Table], lists: IssuedLists, actions: Mapping[str, Text], on: date
) -> FilledIn:
    """Read a filled-in list.

    Args:
        sheets: The file's, of ``serving.returned.files.tables``.
        lists: What was issued, to which rows must belong.
        actions: Actions that can be reported, by code.
        on: Day on which the file came back; nothing can have happened later.

    Raises:
        FilledInError: No sheet has the columns that tell rows apart, or one stands twice.
    """
    found = [(table, start) for table in sheets if (start := header(table)) is not None]
    if not found:
        raise FilledInError(
            "no sheet has the column 工单编号 (Case), or 清单编号 (List) and 集团编号 (Group), "
            "with a column to fill in; keep these columns, and the line of titles, as they are"
        )
    reader = _Reader(lists, actions, on)
    for table, start in found:
        reader.read(table, start)
    return FilledIn(tuple(reader.reports), tuple(reader.rejected), reader.untouched)


class _Reader:
    """The rows of one file on their way in."""

    def __init__(self, lists: IssuedLists, actions: Mapping[str, Text], on: date) -> None:
        self.lists, self.actions, self.on = lists, actions, on
        self.reports: list[Report] = []
        self.rejected: list[Rejected] = []
        self.untouched = 0
        self._said: dict[str, Report] = {}

    def read(self, table: Table, start: int) -> None:
        titles = [str(cell.value or "") for cell in table.rows[start][1]]
        places = columns(table.rows[start][1], table.name)
        for number, cells in table.rows[start + 1 :]:
            found = {name: _at(cells, place) for name, place in places.items()}
            if all(found.get(entry.column, EMPTY).empty for entry in ENTRIES):
                self.untouched += 1
                continue
            shown = {title: _shown(cell) for title, cell in zip(titles, cells, strict=False)}
            place = Place(number, table.name, shown)
            try:
                self._take(Report(place, *self._read_row(found)))
            except Unreadable as error:
                self.rejected.append(Rejected(place, error.text))

    def _read_row(self, cells: Mapping[str, Cell]) -> tuple[IssuedRow, Answers]:
        about = self._about(cells)
        answers: dict[str, Any] = {}
        for entry in ENTRIES:
            cell = cells.get(entry.column, EMPTY)
            try:
                name = "cost_fen" if entry.column == "cost_yuan" else entry.column
                answers[name] = self._answer(entry.column, cell, about)
            except Unreadable as error:
                title = entry.title
                raise Unreadable(
                    f"{title.zh}：{error.text.zh}", f"{title.en}: {error.text.en}"
                ) from None
        given = Answers(**answers)
        self._refuse_impossible(given, about)
        return about, given

    def _answer(self, column: str, cell: Cell, about: IssuedRow) -> object:
        if column in ("contact_date", "next_step_date"):
            return read.day(cell, about.as_of)
        if column == "cost_yuan":
            return read.fen(cell)
        entry = next(entry for entry in ENTRIES if entry.column == column)
        offered = choices(entry, self.actions)
        return read.choice(cell, offered) if offered else read.note(cell)

    def _about(self, cells: Mapping[str, Cell]) -> IssuedRow:
        """The row of the list that these cells belong to."""
        case_id, list_id, group_id = (read.written(cells.get(name, EMPTY)) for name in KEYS)
        case_id, list_id = _stripped(case_id), _stripped(list_id)
        if list_id and not self.lists.knows(list_id):
            raise Unreadable(
                f"清单{short(list_id)}不是这里发出的，请使用收到的那份清单",
                f"list {short(list_id)} was not issued here; use the list that you were sent",
            )
        if case_id:
            about = self.lists.of_case(case_id)
        elif list_id and group_id:
            about = self.lists.of_group(list_id, group_id.strip())
        else:
            raise Unreadable(
                "缺少工单编号（或清单编号和集团编号）",
                "the id of the case is missing (or those of list and group)",
            )
        if about is not None and group_id and not same_group(group_id, about.group_id):
            raise Unreadable(
                f"工单属于集团{about.group_id}，这一行却是{short(group_id)}，可能只排序了部分列",
                f"the case is of group {about.group_id}, the row of {short(group_id)}: perhaps "
                "only some of the columns were sorted",
            )
        if about is None or (list_id and self.lists.of_group(list_id, about.group_id) != about):
            raise Unreadable(
                f"清单上没有工单{short(case_id or group_id or '')}，清单可能已重新发出",
                f"no list has case {short(case_id or group_id or '')}; it may have been issued "
                "again without this group",
            )
        return about

    def _refuse_impossible(self, given: Answers, about: IssuedRow) -> None:
        met, then = given.contact_date, given.next_step_date
        if met and met > self.on:
            raise Unreadable(
                f"联系日期{met}在今天（{self.on}）之后", f"contacted on {met}, after {self.on}"
            )
        if met and met < about.as_of:
            raise Unreadable(
                f"联系日期{met}在清单日期{about.as_of}之前",
                f"contacted on {met}, before the list of {about.as_of}",
            )
        if then and then < (met or about.as_of):
            raise Unreadable(
                f"下次跟进日{then}在联系日期或清单日期之前",
                f"the next step, {then}, comes before the contact or the list",
            )
        if given.cost_fen and not given.action_given:
            raise Unreadable("填了费用，没有填实际动作", "a cost without what was done for it")

    def _take(self, report: Report) -> None:
        """Keep a report; the same row twice is one, unless it says something else."""
        before = self._said.setdefault(report.about.case_id, report)
        if before is report:
            self.reports.append(report)
        elif before.answers != report.answers:
            raise Unreadable(
                f"与第{before.place.row}行是同一工单，内容不同，请只留一行",
                f"the same case as row {before.place.row} with other answers; keep one of them",
            )
        else:
            self.untouched += 1


def _at(cells: tuple[Cell, ...], place: int) -> Cell:
    return cells[place] if place < len(cells) else EMPTY


def _stripped(text: str | None) -> str | None:
    return text.strip() if text else None


def _shown(cell: Cell) -> str:
    value = cell.value
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
