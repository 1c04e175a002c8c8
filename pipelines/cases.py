"""Cases: look at them, let time pass, and hand them over as tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pipelines.errors import UsageError
from pipelines.workplace import Workplace, open_workplace

if TYPE_CHECKING:
    import pandas as pd


Row = dict[str, object]


def list_cases(
    level: Literal["red", "orange", "yellow", "blue"] | None = None,
    owner: str | None = None,
    overdue: bool = False,
    everything: bool = False,
    held_out: bool = False,
    at: datetime | None = None,
    home: Path = Path("var"),
    config: Path | None = None,
) -> list[Row]:
    """Open cases, the gravest level first, then the one whose time runs out first.

    Args:
        level: Only cases of this level.
        owner: Only cases given to this employee.
        overdue: Only cases whose time has run out.
        everything: Snoozed and closed cases too.
        held_out: Instead, the cases that are held out by lot, which the field must not see.
        at: Moment at which time is looked at; left out, now.

    Example:
        groupchurn cases list --level red --overdue --at 2011-01-07
    """
    from serving.casebook.rules import LEVELS

    now = at or _now()
    cases = open_workplace(home, config).casebook.cases()
    wanted = cases["hidden"].astype(bool) == held_out
    if not everything:
        wanted &= cases["closed_at"].isna() & cases["state"].ne("snoozed")
    if level is not None:
        wanted &= cases["level"].eq(level)
    if owner is not None:
        wanted &= cases["dispatched_to"].eq(owner)
    rows = [line(case, now) for case in cases[wanted].to_dict("records")]
    shown = [row for row in rows if row["overdue"] or not overdue]
    return sorted(
        shown,
        key=lambda row: (LEVELS.index(row["level"]), str(row["due"] or "9"), str(row["case"])),
    )


def show_case(
    case_id: str, /, home: Path = Path("var"), config: Path | None = None
) -> Mapping[str, object]:
    """One case as it stands, and all that happened to it.

    Args:
        case_id: The case.

    Example:
        groupchurn cases show 20110103-89100000000123
    """
    book = open_workplace(home, config).casebook
    case = {name: value for name, value in book.case(case_id).items() if value is not None}
    trail = [
        {
            "recorded": _shown(entry["recorded_at"]),
            "happened": _shown(entry["happened_at"]),
            "what": entry["kind"],
            "by": entry["by_whom"],
            "why": entry["why"],
            "changed": _changed(json.loads(entry["before"]), json.loads(entry["after"])),
        }
        for entry in book.trail(case_id)
    ]
    return {**case, "trail": trail}


def tick(
    at: datetime | None = None, home: Path = Path("var"), config: Path | None = None
) -> list[Row]:
    """Let time pass: wake snoozed cases, pass up what is late, expire what nobody worked.

    Args:
        at: Until when; left out, now.

    Example:
        groupchurn cases tick --at 2011-01-07
    """
    place = open_workplace(home, config)
    done = place.casebook.tick(recorded_at(place, at))
    return [
        {"case": one.case_id, "group": one.group_id, "what": one.what, "why": one.why}
        for one in done
    ]


def export(out: Path, home: Path = Path("var"), config: Path | None = None) -> Row:
    """Write cases, campaigns and treatments as tables, for `groupchurn ingest`.

    Each delivery holds what was recorded since the one before; those that are not in the folder yet
    are written too, the same as they were.

    Args:
        out: Folder for the tables.

    Example:
        groupchurn cases export --out var/casebook-tables
    """
    from serving.casebook.export import export as write

    exported = write(open_workplace(home, config).casebook, out)
    return {
        "folder": out,
        "deliveries": exported.deliveries,
        "files written": len(exported.written),
        **{f"new rows of {name}": rows for name, rows in exported.new_rows.items()},
    }


def recorded_at(place: Workplace, at: datetime | None) -> datetime:
    """When something is recorded.

    Raises:
        UsageError: It is not told, and the casebook's own time is far from this machine's.
    """
    if at is not None:
        return at
    now, newest = _now(), place.casebook.newest()
    if newest is None or now - newest <= timedelta(days=place.settings.casebook.idle_days):
        return now
    raise UsageError(
        f"The casebook was last written on {newest:%Y-%m-%d}, long before today. Say when with "
        f"--at, such as --at {newest + timedelta(days=1):%Y-%m-%d}."
    )


def _now() -> datetime:
    """This machine's local time, without a zone, as the operator's tables tell it."""
    return datetime.now().astimezone().replace(tzinfo=None)


def hand_over(place: Workplace) -> bool:
    """Take what the casebook has recorded into the warehouse, before anything is read from it.

    Without it the next list would draw its holdout anew and know of no feedback. Tables of
    ``place`` that were opened before do not have the new rows.

    Returns:
        Whether there was anything new. A home with tables of a stranger's takes none.
    """
    from pipelines.intake.commit import Limits
    from pipelines.intake.ingestion import ingest
    from serving.casebook.export import export as write

    if place.warehouse.manifest.mapping is not None or place.casebook.newest() is None:
        return False
    folder, engine = place.home.path / "casebook", place.settings.engine
    write(place.casebook, folder)
    report = ingest(
        folder,
        place.home,
        limits=Limits(place.settings.intake.max_bad_share),
        memory_limit=engine.memory_limit,
        threads=engine.threads,
    )
    return report.total.rows > 0


def line(case: Mapping[Any, Any], now: datetime | None) -> Row:
    """A case in a line; what is overdue only where ``now`` is given."""
    due = _due(case)
    return {
        "case": case["case_id"],
        "group": case["group_id"],
        "level": case["level"],
        "state": case["state"],
        "due": _shown(due),
        "overdue": bool(due is not None and now is not None and due < now),
        "given to": case["dispatched_to"],
        "passed up to": case["escalated_to"],
        "listed": case["times_listed"],
        "action": case["action_code"] or case["planned_action"],
        "feedback": case["feedback"],
    }


def _due(case: Mapping[Any, Any]) -> pd.Timestamp | None:
    """When the clock runs out that runs now."""
    import pandas as pd

    from serving.casebook.states import UNTOUCHED, WORKED

    clock = {**dict.fromkeys(UNTOUCHED, "contact_due"), **dict.fromkeys(WORKED, "feedback_due")}
    moment = case.get(clock.get(case["state"], ""))
    return None if moment is None or pd.isna(moment) else pd.Timestamp(moment)


def _changed(before: Row, after: Row) -> list[str]:
    """What an entry changed, column by column; nothing where it began the case."""
    if not before:
        return []
    told = {name: (before[name], after[name]) for name in after}
    return [
        f"{name} {new}" if old is None else f"{name} {old} → {new}"
        for name, (old, new) in told.items()
    ]


def _shown(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment:%Y-%m-%d %H:%M}"
