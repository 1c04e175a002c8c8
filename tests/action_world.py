"""Groups that are to be given actions, drawn with the table of actions as it is delivered."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pandas as pd

from models.response import ResponseRule
from pipelines.action_section import DEFAULT_FILE, read_table
from pipelines.settings import load
from serving.actions.table import ActionInputs, ActionTable, Means, Terms

DAY = date(2011, 1, 3)
CONTENT = read_table(DEFAULT_FILE)
TABLE: ActionTable = CONTENT.table()
RESPONSE: ResponseRule = load().response.rule()
PLENTY = 10**9


def terms(budget: int = PLENTY, visits: int = 100, **other: Any) -> Terms:
    """The delivered table with so much money in county K1 and so many visits of everybody."""
    return Terms(
        table=other.pop("table", TABLE),
        means=Means({"K1": budget}, budget, visits, visits, visits, 30),
        response=RESPONSE,
        margin=0.45,
        months=12,
        revenue_share=0.70,
        assumed_risk=CONTENT.assumed_risk,
    )


def group(group_id: str = "G1", **facts: Any) -> dict[str, Any]:
    """A managed C group of 18 members with a V-net on the old plan, and a revenue of 2,000 yuan."""
    return {
        "group_id": group_id,
        "county_id": "K1",
        "am_staff_id": "S1",
        "chief_am_id": None,
        "tier": "C",
        "industry_l1": "trade",
        "members": 18,
        "key_members": 2,
        "monthly_revenue_fen": 200_000,
        "lock_share": 0.2,
        "ending_share": 0.0,
        "vnet_members": 12,
        "vnet_std_members": 12,
        "idle_sms_members": 9,
        "vnet_minutes": 80.0,
        "arpu_fen": 7000.0,
        "arrears_fen": 0,
        "unmanaged": 0,
        "letter_valid": 1,
        "double_top100": 0,
        "in_park": 1,
        "points_agreement": 0,
        "power100": 0,
        "school_msg": 0,
        "industry_app": 0,
        "line_laid": 0,
        "line_delivered": 0,
        "last_contact_date": None,
        "last_contact_zh": None,
        "last_contact_en": None,
        "never_met": 0,
        **facts,
    }


def letter(group_id: str = "G1", scope: str = "all") -> dict[str, Any]:
    """A valid letter of a contact."""
    return {
        "group_id": group_id,
        "letter_id": f"L-{group_id}-{scope}",
        "contact_user_id": f"U-{group_id}",
        "scope": scope,
        "valid_to": date(2011, 12, 31),
    }


def bindable(group_id: str = "G1", number: int = 1, **facts: Any) -> dict[str, Any]:
    """A free key member."""
    return {
        "group_id": group_id,
        "user_id": f"{group_id}-M{number}",
        "place": number,
        "why": "key_free",
        "weight": 0.15,
        "bill_fen": 9000,
        "days_in_use": 900,
        "named": True,
        **facts,
    }


def inputs(
    groups: list[dict[str, Any]],
    letters: list[dict[str, Any]] | None = None,
    members: list[dict[str, Any]] | None = None,
    levers: list[tuple[str, str, int]] = (),  # type: ignore[assignment]
) -> ActionInputs:
    """What is known of groups; by default each has a letter for everything and no one to bind."""
    ids = [one["group_id"] for one in groups]
    given = [letter(one) for one in ids] if letters is None else letters
    return ActionInputs(
        groups=pd.DataFrame(groups).astype({"last_contact_date": object}),
        levers=pd.DataFrame(list(levers), columns=["group_id", "lever", "age"]),
        letters=pd.DataFrame(given, columns=list(letter())),
        people=pd.DataFrame(
            {
                "group_id": ids,
                "key_person_id": [f"K-{one}" for one in ids],
                "contact_id": [f"U-{one}" for one in ids],
                "last_letter_to": None,
                "letter_revoked": None,
            }
        ),
        members=pd.DataFrame(members or [], columns=list(bindable())),
    )


def levels(*listed: tuple[str, str], method: str = "model") -> pd.DataFrame:
    """Groups with their levels, none of them on the last list."""
    frame = pd.DataFrame(listed, columns=["group_id", "level"])
    return frame.assign(level_before="none", method=method)


def scores(risks: dict[str, float], reasons: dict[str, float] | None = None) -> pd.DataFrame:
    """Scores, all with the same reasons (contributions by code)."""
    said = [
        {
            "code": code,
            "name_zh": code,
            "name_en": code,
            "contribution": contribution,
            "feature": "f",
            "value": 1.0,
            "text_zh": code,
            "text_en": code,
        }
        for code, contribution in (reasons or {"R07": 1.0}).items()
    ]
    return pd.DataFrame(
        {
            "group_id": list(risks),
            "probability": list(risks.values()),
            "share_lost": float("nan"),
            "reasons": json.dumps(said),
        }
    )
