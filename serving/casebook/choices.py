"""Whom a list treats and whom it holds out, and the treatments and campaigns that come of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import Table, select

from serving.casebook.pen import Pen, Row
from serving.casebook.rules import named
from serving.casebook.schema import CAMPAIGNS, TREATMENTS

UNSPECIFIED = "UNSPECIFIED"
"""Action of a campaign whose list names none."""


@dataclass(frozen=True)
class Choice:
    """What the lot, or the want of one, says of a group; see ``serving.alerting.holdout.arms``."""

    arm: Literal["treat", "holdout"] = "treat"
    propensity: float = 1.0
    how: Literal["drawn", "kept", "not_drawn", "released"] = "not_drawn"
    treatment_id: str | None = None

    @property
    def held_out(self) -> bool:
        """Whether the field must not see the group."""
        return self.arm == "holdout"


def choice_of(row: Row) -> Choice:
    """The choice that a row of ``serving.alerting.holdout.arms`` states."""
    return Choice(row["arm"], float(row["propensity"]), row["how"], row["treatment_id"])


def treatment_of(pen: Pen, row: Row, choice: Choice) -> Row:
    """The treatment that a case belongs to: one a lot, else one a case."""
    by_lot = choice.how in ("drawn", "kept")
    treatment_id = choice.treatment_id or named("R", row["as_of"], row["group_id"])
    found = _found(pen, TREATMENTS, treatment_id)
    if found is not None:
        return found
    new = {
        "treatment_id": treatment_id,
        "campaign_id": _campaign(pen, row)["campaign_id"],
        "group_id": row["group_id"],
        "assign_time": pen.at,
        "arm": choice.arm,
        "propensity": round(choice.propensity, 4),
        "assigned_by": "random" if by_lot else "model",
        "delivered": False,
        "accepted": None,
        "cost_fen": 0 if choice.held_out else None,
    }
    return pen.write("treatment", None, new, "assigned")


def _campaign(pen: Pen, row: Row) -> Row:
    """The campaign of the quarter that offers the row's action."""
    action = row["planned_action"] or UNSPECIFIED
    first, end = _quarter(pen.at.date())
    campaign_id = f"GC-{first.year}Q{first.month // 3 + 1}-{action}"
    found = _found(pen, CAMPAIGNS, campaign_id)
    if found is not None:
        return found
    new = {
        "campaign_id": campaign_id,
        "action_code": action,
        "eligibility_rule_version": row["config_hash"],
        "start_date": first,
        "end_date": end,
        "budget_fen": None,
    }
    return pen.write("campaign", None, new, "announced")


def _quarter(day: date) -> tuple[date, date]:
    """First day of a day's quarter, and of the next one."""
    first = date(day.year, day.month - (day.month - 1) % 3, 1)
    later = first.month + 3
    return first, date(first.year + later // 13, (later - 1) % 12 + 1, 1)


def _found(pen: Pen, table: Table, key: str) -> Row | None:
    column = next(iter(table.primary_key.columns))
    row = pen.connection.execute(select(table).where(column == key)).mappings().first()
    return dict(row) if row is not None else None
