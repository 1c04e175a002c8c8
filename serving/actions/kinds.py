"""What retention actions may ask about, as plain names: nothing here is slow to import."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

Kind = Literal["count", "fen", "share", "minutes", "flag", "word", "level"]
KINDS: Final[Mapping[str, Kind]] = {
    "level": "level",
    "tier": "word",
    "industry_l1": "word",
    "members": "count",
    "key_members": "count",
    "vnet_members": "count",
    "vnet_std_members": "count",
    "idle_sms_members": "count",
    "vnet_minutes": "minutes",
    "arpu_fen": "fen",
    "arrears_fen": "fen",
    "monthly_revenue_fen": "fen",
    "lock_share": "share",
    "ending_share": "share",
    "unmanaged": "flag",
    "letter_valid": "flag",
    "double_top100": "flag",
    "in_park": "flag",
    "points_agreement": "flag",
    "power100": "flag",
    "school_msg": "flag",
    "industry_app": "flag",
    "line_laid": "flag",
    "line_delivered": "flag",
}
"""The facts of ``serving.actions.facts`` and the kind of each; a flag is 1 or 0."""
LEVELS: Final = ("none", "blue", "yellow", "orange", "red")
"""Levels of alert, the least urgent first."""
REASONS: Final = tuple(f"R{number:02d}" for number in range(1, 17))
"""Codes of the reasons of a score."""
LEVERS: Final = (
    *("tariff_cut", "handset_gift", "tariff_subsidy", "combined_billing", "vpn"),
    *("stationed_staff", "industry_app", "exec_lobby", "agreement"),
)
"""What a rival offers: the values of rival_event.lever."""
SCOPES: Final = ("any", "crbt", "vnet", "other", "all")
"""What a letter of authorisation may be needed for; ``all`` covers everything."""
