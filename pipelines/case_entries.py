"""What a person tells a case: taken, contacted, done, put aside, passed up, closed."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.cases import Row, line, recorded_at
from pipelines.workplace import Workplace, open_workplace

if TYPE_CHECKING:
    from serving.casebook.entries import Entry


def take(
    case_id: str,
    /,
    by: str,
    at: datetime | None = None,
    home: Path = Path("var"),
    config: Path | None = None,
) -> Row:
    """Take a case on.

    Args:
        case_id: The case.
        by: Employee who takes it.
        at: When; left out, now.

    Example:
        groupchurn cases take 20110103-89100000000123 --by S0000001
    """
    from serving.casebook.entries import Accepted

    return _record(open_workplace(home, config), Accepted, case_id, by, at)


def contact(
    case_id: str,
    /,
    by: str,
    note: str | None = None,
    happened: datetime | None = None,
    at: datetime | None = None,
    home: Path = Path("var"),
    config: Path | None = None,
) -> Row:
    """Say that somebody of the group was spoken with.

    Args:
        case_id: The case.
        by: Employee who spoke with them.
        note: What was said.
        happened: When it was; left out, the same as --at.
        at: When it is recorded; left out, now.

    Example:
        groupchurn cases contact 20110103-89100000000123 --by S0000001 --at 2011-01-06
    """
    from serving.casebook.entries import Contact

    place = open_workplace(home, config)
    return _record(place, Contact, case_id, by, at, happened_at=happened, note=note)


def act(
    case_id: str,
    /,
    action: str,
    by: str,
    cost_fen: int = 0,
    accepted: bool | None = None,
    happened: datetime | None = None,
    at: datetime | None = None,
    home: Path = Path("var"),
    config: Path | None = None,
) -> Row:
    """Say what was done for the group, at what cost, and whether it took it.

    Args:
        case_id: The case.
        action: Code of the action, such as KEY_VISIT.
        by: Employee who did it.
        cost_fen: What it cost, in fen.
        accepted: Whether the group took it; left out, not known yet.
        happened: When it was; left out, the same as --at.
        at: When it is recorded; left out, now.

    Example:
        groupchurn cases act 20110103-89100000000123 --action KEY_VISIT --cost-fen 9000 --by S1
    """
    from serving.casebook.entries import Action

    told = {"action_code": action, "cost_fen": cost_fen, "accepted": accepted}
    place = open_workplace(home, config)
    return _record(place, Action, case_id, by, at, happened_at=happened, **told)


def snooze(
    case_id: str,
    /,
    until: date,
    reason: str,
    by: str,
    at: datetime | None = None,
    home: Path = Path("var"),
    config: Path | None = None,
) -> Row:
    """Put a case aside until a day; its clocks stand still, and it wakes by itself.

    Args:
        case_id: The case.
        until: Day on whose morning it wakes.
        reason: Why.
        by: Employee who puts it aside.
        at: When; left out, now.

    Example:
        groupchurn cases snooze 20110103-8910 --until 2011-01-12 --reason 出差 --by S0000001
    """
    place = open_workplace(home, config)
    place.casebook.snooze(case_id, until, reason, by=by, at=recorded_at(place, at))
    return line(place.casebook.case(case_id), None)


def escalate(
    case_id: str,
    /,
    to: str,
    why: str,
    by: str,
    at: datetime | None = None,
    home: Path = Path("var"),
    config: Path | None = None,
) -> Row:
    """Pass a case up by hand.

    Args:
        case_id: The case.
        to: Employee to whom it goes.
        why: Why.
        by: Employee who passes it up.
        at: When; left out, now.

    Example:
        groupchurn cases escalate 20110103-8910 --to S0000009 --why 需要总经理出面 --by S0000001
    """
    place = open_workplace(home, config)
    place.casebook.escalate(case_id, to, why, by=by, at=recorded_at(place, at))
    return line(place.casebook.case(case_id), None)


def close(
    case_id: str,
    /,
    why: str,
    by: str,
    at: datetime | None = None,
    home: Path = Path("var"),
    config: Path | None = None,
) -> Row:
    """Close a case by hand; the data judge it later all the same.

    Args:
        case_id: The case.
        why: Why.
        by: Employee who closes it.
        at: When; left out, now.

    Example:
        groupchurn cases close 20110103-8910 --why 公司注销 --by S0000001
    """
    place = open_workplace(home, config)
    place.casebook.close_case(case_id, why, by=by, at=recorded_at(place, at))
    return line(place.casebook.case(case_id), None)


def _record(
    place: Workplace, kind: type[Entry], case_id: str, by: str, at: datetime | None, **told: Any
) -> Row:
    now = recorded_at(place, at)
    event_id = f"{kind.__name__.lower()} {case_id} {by} {now.isoformat()}"
    place.casebook.record(kind(event_id=event_id, case_id=case_id, by=by, at=now, **told))
    return line(place.casebook.case(case_id), now)
