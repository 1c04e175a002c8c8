"""The tables of the casebook; ``migrations`` builds them."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

METADATA = MetaData()
_NUMBER = BigInteger().with_variant(Integer, "sqlite")
_ID = String(40)

CASES = Table(
    "cases",
    METADATA,
    Column("case_id", _ID, primary_key=True),
    Column("group_id", _ID, nullable=False),
    Column("tier", String(8)),
    Column("area_id", _ID),
    Column("county_id", _ID),
    Column("state", String(16), nullable=False),
    Column("level", String(8), nullable=False),
    Column("is_holdout", Boolean, nullable=False),
    Column("hidden", Boolean, nullable=False),
    Column("treatment_id", _ID, ForeignKey("treatments.treatment_id"), nullable=False),
    Column("list_id", String(80), nullable=False),
    Column("batch_id", _ID, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("last_as_of", Date, nullable=False),
    Column("times_listed", Integer, nullable=False),
    Column("absent_lists", Integer, nullable=False),
    Column("reasons", Text, nullable=False),
    Column("trigger", String(80)),
    Column("score", Float),
    Column("model_version", String(100)),
    Column("dispatched_to", _ID),
    Column("also_to", String(400)),
    Column("escalate_to", _ID),
    Column("planned_action", _ID),
    Column("opened_at", DateTime, nullable=False),
    Column("dispatched_at", DateTime),
    Column("contact_due", DateTime),
    Column("escalate_due", DateTime),
    Column("feedback_due", DateTime),
    Column("verify_due", DateTime, nullable=False),
    Column("accepted_at", DateTime),
    Column("contacted_at", DateTime),
    Column("action_code", _ID),
    Column("action_at", DateTime),
    Column("cost_fen", BigInteger),
    Column("feedback", String(40)),
    Column("feedback_at", DateTime),
    Column("note", Text),
    Column("next_step", Text),
    Column("escalated_to", _ID),
    Column("escalated_at", DateTime),
    Column("escalated_for", String(80)),
    Column("snoozed_from", String(16)),
    Column("snoozed_at", DateTime),
    Column("snoozed_until", Date),
    Column("snooze_reason", Text),
    Column("verify_result", String(20)),
    Column("verified_at", DateTime),
    Column("closed_at", DateTime),
    Column("closed_why", Text),
)
"""One row a case as it stands now; how it came there is in the trail."""

Index(
    "one_open_case_a_group",
    CASES.c.group_id,
    unique=True,
    sqlite_where=CASES.c.closed_at.is_(None),
    postgresql_where=CASES.c.closed_at.is_(None),
)

Index("cases_by_group", CASES.c.group_id)

APPEARANCES = Table(
    "appearances",
    METADATA,
    Column("list_id", String(80), primary_key=True),
    Column("group_id", _ID, primary_key=True),
    Column("case_id", _ID, ForeignKey("cases.case_id"), nullable=False),
    Column("as_of", Date, nullable=False),
    Column("level", String(8), nullable=False),
    Column("reason", String(80)),
    Column("score", Float),
    Column("became", String(16), nullable=False),
)
"""One row a list and group: which case the row of the list belongs to, and what it did to it."""

LISTS = Table(
    "lists",
    METADATA,
    Column("list_id", String(80), primary_key=True),
    Column("as_of", Date, nullable=False),
)
"""The lists that were taken in."""

TREATMENTS = Table(
    "treatments",
    METADATA,
    Column("treatment_id", _ID, primary_key=True),
    Column("campaign_id", _ID, ForeignKey("campaigns.campaign_id"), nullable=False),
    Column("group_id", _ID, nullable=False),
    Column("assign_time", DateTime, nullable=False),
    Column("arm", String(8), nullable=False),
    Column("propensity", Float, nullable=False),
    Column("assigned_by", String(8), nullable=False),
    Column("delivered", Boolean, nullable=False),
    Column("accepted", Boolean),
    Column("cost_fen", BigInteger),
)
"""One row a choice of whom to treat: by lot (``random``), or because nobody may be left out."""

CAMPAIGNS = Table(
    "campaigns",
    METADATA,
    Column("campaign_id", _ID, primary_key=True),
    Column("action_code", _ID, nullable=False),
    Column("eligibility_rule_version", String(100)),
    Column("start_date", Date, nullable=False),
    Column("end_date", Date, nullable=False),
    Column("budget_fen", BigInteger),
)
"""One row a quarter and action that was offered in it."""

TRAIL = Table(
    "trail",
    METADATA,
    Column("seq", _NUMBER, primary_key=True, autoincrement=False),
    Column("event_id", String(120)),
    Column("entry", Text),
    Column("subject", String(12), nullable=False),
    Column("subject_id", _ID, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("by_whom", String(80), nullable=False),
    Column("happened_at", DateTime, nullable=False),
    Column("recorded_at", DateTime, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("why", Text),
    UniqueConstraint("event_id"),
    Index("trail_by_subject", "subject", "subject_id", "seq"),
)
"""The audit trail: what changed, in the order of ``seq``; the database refuses to change a row.

``before`` and ``after`` are JSON of the columns that changed. ``recorded_at`` rises with ``seq``.
"""

EXPORTS = Table(
    "exports",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("after_seq", _NUMBER, nullable=False),
    Column("up_to_seq", _NUMBER, nullable=False),
)
"""Which part of the trail each delivery holds."""

SUBJECTS = {"case": CASES, "treatment": TREATMENTS, "campaign": CAMPAIGNS}


def as_json(values: dict[str, Any]) -> str:
    """Columns as text, the same for the same values."""
    plain = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
    }
    return json.dumps(plain, ensure_ascii=False, sort_keys=True)


def from_json(text: str, table: Table) -> dict[str, Any]:
    """What ``as_json`` wrote, each value in the type of its column."""
    return {name: _typed(value, table.c[name].type) for name, value in json.loads(text).items()}


def _typed(value: Any, kind: object) -> Any:
    if value is None:
        return None
    if isinstance(kind, DateTime):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(kind, Date) else value
