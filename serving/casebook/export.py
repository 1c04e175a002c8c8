"""The casebook as source tables: cases (T21), campaigns (T22) and treatments (T23), as deliveries.

Every change is a row of its own with the time at which it was recorded, so that what was known on
a day stays what was known on that day. A delivery holds what was recorded since the one before; it
can be written again, byte for byte, so that taking a folder in twice changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import Connection, func, insert, select

from data_contracts.contract import source_tables
from serving.casebook.book import Casebook
from serving.casebook.clocks import dekad
from serving.casebook.database import reading, writing
from serving.casebook.pen import OURSELVES, Row
from serving.casebook.schema import EXPORTS, SUBJECTS, TRAIL, from_json
from serving.files import put_file
from serving.parquet import to_parquet

TABLES = {"case": "alert_case", "campaign": "campaign", "treatment": "treatment"}
VERIFY_RESULT = {
    "kept": "confirmed",
    "lost": "confirmed",
    "gone_before": "missed",
    "false_alarm": "false_alarm",
    "unverifiable": None,
}
"""What the data say in the words of alert_case: whether the danger was real; whether the group was
lost is told by the labels."""


@dataclass(frozen=True)
class Exported:
    """What a folder now holds.

    Attributes:
        deliveries: Deliveries so far; the new one, if there was anything new, is the last.
        new_rows: Rows of the new delivery, by table.
        written: Files that were not there before.
    """

    deliveries: int
    new_rows: dict[str, int]
    written: tuple[Path, ...]


def export(book: Casebook, folder: Path) -> Exported:
    """Write every delivery of the casebook into ``folder``, a new one for what is new.

    Args:
        book: The casebook.
        folder: Gets ``<table>/casebook-<number>.parquet``; ``groupchurn ingest`` takes it in and
            passes over what it has already.
    """
    new_rows = dict.fromkeys(TABLES.values(), 0)
    with writing(book.engine) as connection:
        span = _begin_delivery(connection)
    with reading(book.engine) as connection:
        spans = connection.execute(select(EXPORTS).order_by(EXPORTS.c.number)).all()
        written = []
        for number, after, up_to in spans:
            made = _frames(connection, after, up_to)
            if span == number:
                new_rows = {name: len(frame) for name, frame in made.items()}
            written += list(_put(made, folder, number))
    return Exported(len(spans), new_rows, tuple(written))


def frames(book: Casebook) -> dict[str, pd.DataFrame]:
    """Everything recorded so far, as the three tables; nothing counts as delivered by it."""
    with reading(book.engine) as connection:
        return _frames(connection, 0, _newest(connection))


def _begin_delivery(connection: Connection) -> int | None:
    """Number of a new delivery of what came after the last one; None where nothing did."""
    last = connection.execute(select(func.max(EXPORTS.c.number), func.max(EXPORTS.c.up_to_seq)))
    number, after = last.one()
    newest = _newest(connection)
    if newest == (after or 0):
        return None
    span = {"number": (number or 0) + 1, "after_seq": after or 0, "up_to_seq": newest}
    connection.execute(insert(EXPORTS).values(**span))
    return span["number"]


def _newest(connection: Connection) -> int:
    return connection.execute(select(func.max(TRAIL.c.seq))).scalar() or 0


def _put(made: dict[str, pd.DataFrame], folder: Path, number: int) -> Iterator[Path]:
    for name, frame in made.items():
        path = folder / name / f"casebook-{number:06d}.parquet"
        if len(frame) and not path.exists():
            put_file(to_parquet(frame, source_tables()[name]), path)
            yield path


def _frames(connection: Connection, after: int, up_to: int) -> dict[str, pd.DataFrame]:
    """Rows for the trail's entries after one number, up to another, that changed what is told."""
    rows: dict[str, list[Row]] = {subject: [] for subject in TABLES}
    told: dict[str, Row] = {}
    for entry, state in _replayed(connection, up_to, after):
        row = _MAKERS[entry["subject"]](state)
        key = f"{entry['subject']} {entry['subject_id']}"
        if entry["seq"] > after and row != told.get(key):
            rows[entry["subject"]].append({**row, **_loading(entry)})
        told[key] = row
    return {
        name: _typed(rows[subject], name)
        for subject, name in sorted(TABLES.items(), key=lambda pair: pair[1])
    }


def _replayed(connection: Connection, up_to: int, after: int) -> Iterator[tuple[Row, Row]]:
    """Each entry of what changed after a number, with its subject as it stood then.

    It is told from the trail alone, from each subject's first entry on.
    """
    mentioned = (
        select(TRAIL.c.subject, TRAIL.c.subject_id)
        .where(TRAIL.c.seq > after, TRAIL.c.seq <= up_to)
        .distinct()
        .subquery()
    )
    entries = (
        select(TRAIL)
        .join(
            mentioned,
            (TRAIL.c.subject == mentioned.c.subject)
            & (TRAIL.c.subject_id == mentioned.c.subject_id),
        )
        .where(TRAIL.c.seq <= up_to)
        .order_by(TRAIL.c.seq)
    )
    states: dict[tuple[str, str], Row] = {}
    for found in connection.execute(entries).mappings():
        key = (found["subject"], found["subject_id"])
        table = SUBJECTS[found["subject"]]
        before = states.get(key) or dict.fromkeys(table.columns.keys())
        states[key] = {**before, **from_json(found["after"], table)}
        yield dict(found), states[key]


def _loading(entry: Row) -> Row:
    first = entry["kind"] in ("generated", "assigned", "announced")
    return {
        "event_time": entry["happened_at"],
        "load_time": entry["recorded_at"],
        "batch_id": dekad(entry["recorded_at"].date()),
        "op": "I" if first else "U",
        "src_system": OURSELVES,
    }


def _case(case: Row) -> Row:
    told = json.loads(case["reasons"])
    drivers = [*filter(None, [case["trigger"]]), *told]
    return {
        **{
            name: case[name]
            for name in (
                "case_id",
                "group_id",
                "level",
                "model_version",
                "dispatched_to",
                "action_code",
                "feedback",
                "escalated_to",
                "is_holdout",
            )
        },
        "score_batch_id": case["batch_id"],
        "user_id": None,
        "score": None if case["score"] is None else _decimal(case["score"]),
        "top_drivers": json.dumps(drivers),
        "dispatched_time": case["dispatched_at"],
        "due_time": case["contact_due"],
        "first_contact_time": case["contacted_at"],
        "action_time": case["action_at"],
        "feedback_time": case["feedback_at"],
        "verify_result": VERIFY_RESULT[case["verify_result"]] if case["verify_result"] else None,
        "closed_time": case["closed_at"],
    }


def _treatment(treatment: Row) -> Row:
    return {**treatment, "user_id": None, "propensity": _decimal(treatment["propensity"])}


def _decimal(number: float) -> Decimal:
    return Decimal(f"{number:.4f}")


_MAKERS: dict[str, Callable[[Row], Row]] = {
    "case": _case,
    "treatment": _treatment,
    "campaign": dict,
}


def _typed(rows: Iterable[Row], name: str) -> pd.DataFrame:
    """Rows as the contract's columns; whole numbers and flags may be missing."""
    table = source_tables()[name]
    kinds: dict[str, Any] = {
        "integer": "Int64",
        "boolean": "boolean",
        "timestamp": "datetime64[us]",
    }
    frame = pd.DataFrame(list(rows), columns=list(table.names), dtype=object)
    return frame.astype({c.name: kinds[c.kind] for c in table.columns if c.kind in kinds})
