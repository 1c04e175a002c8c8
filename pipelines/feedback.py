"""Feedback: a filled-in list comes back, good rows into the casebook, bad rows to their sender."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.errors import CONTRACT_BROKEN, DONE, UsageError
from pipelines.workplace import Workplace, open_workplace

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import RenderableType

    from features.definition import Text
    from serving.returned.issued import IssuedLists

SHOWN = 20
"""Bad rows that are printed; the file beside holds all."""


class Returned(dict[str, Any]):
    """What became of a file, row by row."""

    @property
    def exit_code(self) -> int:
        """4 where nothing of what was filled in could be taken."""
        good = self["new"] + self["known"]
        return CONTRACT_BROKEN if self["rejected"] and not good else DONE

    def __rich__(self) -> RenderableType:
        from rich.console import Group

        from pipelines.console import table

        counts = {name: value for name, value in self.items() if name != "bad_rows"}
        shown: list[RenderableType] = [
            table([{"": name, " ": value} for name, value in counts.items()], header=False)
        ]
        if bad := self["bad_rows"]:
            shown.append(table(bad[:SHOWN]))
            if len(bad) > SHOWN:
                shown.append(f"... and {len(bad) - SHOWN} more in {self['rejected_file']}.")
        return Group(*shown)


def feedback(
    file: Path,
    /,
    on: date | None = None,
    home: Path = Path("var"),
    config: Path | None = None,
) -> Returned:
    """Take a filled-in list back: a workbook, or a CSV file in UTF-8, GBK or GB18030.

    Good rows go into the casebook. Bad rows are printed with their number and the reason, and
    stand with both in FILE.rejected.csv, which can be put right and sent in itself. The same file
    taken twice changes nothing; a changed cell is a new report.

    Args:
        file: The filled-in list, sorted, filtered or cut down as it may be.
        on: The day on which it came back; left out, today.

    Example:
        groupchurn feedback manager-S0000001.xlsx --on 2011-01-13
    """
    from serving.returned.columns import days_named
    from serving.returned.files import tables
    from serving.returned.filled_in import filled_in
    from serving.returned.reporting import rejected_file, take

    place = open_workplace(home, config)
    try:
        sheets = tables(file.read_bytes())
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from error
    # The day somebody reports on is the one thing that only the clock can tell.
    day = on or datetime.now().astimezone().date()
    found = filled_in(sheets, issued(place, days_named(sheets)), _actions(place), day)
    with place.casebook as book:
        taken = take(found.reports, book, _end_of(day))
    bad = sorted((*found.rejected, *taken.refused), key=lambda one: one.place.row)
    beside = file.with_name(f"{file.name}.rejected.csv")
    if bad:
        beside.write_bytes(rejected_file(bad))
    return Returned(
        file=file,
        filled_in=len(found.reports) + len(found.rejected),
        new=taken.new,
        known=taken.known,
        rejected=len(bad),
        untouched=found.untouched,
        rejected_file=beside if bad else None,
        bad_rows=[
            {"row": one.place.row, "sheet": one.place.sheet, "why": one.why.en, "原因": one.why.zh}
            for one in bad
        ],
    )


def issued(place: Workplace, days: Iterable[date]) -> IssuedLists:
    """The lists that this home issued for some days, the replaced ones too."""
    from serving.errors import NoBatch
    from serving.returned.issued import IssuedLists

    pointer, wanted = place.store.pointer()["by_as_of"], {day.isoformat() for day in days}
    counting: list[pd.DataFrame] = []
    replaced: list[pd.DataFrame] = []
    folders = (place.store.root / "batches").glob("[0-9]*")
    for batch_id in sorted(folder.name for folder in folders if folder.name[:10] in wanted):
        try:
            frame = place.store.read(batch_id).frame("risk_list")
        except NoBatch:  # only members were scored
            continue
        current = pointer.get(batch_id[:10]) == batch_id
        (counting if current else replaced).append(frame)
    return IssuedLists(counting, replaced)


def _actions(place: Workplace) -> dict[str, Text]:
    from features.definition import Text

    table = place.settings.actions.content.table()
    return {code: Text(one.name.zh, one.name.en) for code, one in sorted(table.actions.items())}


def _end_of(day: date) -> datetime:
    from serving.returned.reporting import LAST_MINUTE

    return datetime.combine(day, LAST_MINUTE)
