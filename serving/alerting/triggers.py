"""What happened to groups that overrides their score: key people lost, V-nets dissolved, attacks.

A trigger counts from the day on which it became known, since what is entered late was not acted on
before. Each kind has a level for C groups and one for large ones, which may be none. What is due in
the ordinary course of business is in ``serving.alerting.business``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from serving.alerting.finds import (
    Found,
    attacks,
    broken_agreements,
    confirmed_attacks,
    dissolved_vnets,
    lost_key_people,
    mentions,
)
from serving.alerting.level_rules import BY_SEVERITY, SEVERITY

COLUMNS = ["group_id", "trigger", "level", "since", "text_zh", "text_en", "until"]
KINDS = (
    "several_key_lost",
    "key_person_lost",
    "contact_lost",
    "key_member_lost",
    "vnet_dissolved",
    "agreement_broken",
    "attack_intent",
    "attack_bound",
    "attack_open",
    "attack_reported",
    "rival_mentioned",
)


@dataclass(frozen=True)
class TriggerRules:
    """When a trigger holds, and to which level it takes a group.

    Attributes:
        days: Days from the day it became known for which it counts.
        oldest_days: What happened longer ago than this is no news, however late it was entered.
        small: Level of each kind for C groups: red, orange, yellow, blue or none.
        large: The same for A, B and double-top-100 groups.
        lost_reasons: Reasons of leaving a group by which a person is lost to us.
        binding_levers: What a rival offers that binds a large group at one stroke.
        vnet_members: Smallest V-net that can be dissolved.
        vnet_share: Share of it that has to end within ``days``.
    """

    days: int
    oldest_days: int
    small: Mapping[str, str]
    large: Mapping[str, str]
    lost_reasons: Sequence[str]
    binding_levers: Sequence[str]
    vnet_members: int
    vnet_share: float

    def __post_init__(self) -> None:
        for levels in (self.small, self.large):
            if set(levels) != set(KINDS) or not set(levels.values()) <= set(SEVERITY):
                raise ValueError(
                    f"triggers: give each of {', '.join(KINDS)} one of {', '.join(BY_SEVERITY)}"
                )

    def level(self, kind: str, *, large: bool) -> str:
        return (self.large if large else self.small)[kind]


@dataclass(frozen=True)
class Happenings:
    """Rows as known on the day (see ``features.known``); None where there is no such table.

    Attributes:
        key_people: membership_hist of key persons, contacts and key members: ``user_id``,
            ``group_id``, ``member_role``, ``valid_to``, ``leave_reason``, ``load_time``, and of
            table member ``status`` and ``status_time``.
        vnets: A group's V-net subscriptions: ``group_id``, ``before`` (running ``days`` ago),
            ``left`` (of them running today), ``last_end`` (day on which the last of them ended).
        agreements: Contracts with groups that were broken: ``group_id``, ``type``, ``status_time``.
        attacks: rival_event.
        visits: visit.
        cases: alert_case.
    """

    key_people: pd.DataFrame | None = None
    vnets: pd.DataFrame | None = None
    agreements: pd.DataFrame | None = None
    attacks: pd.DataFrame | None = None
    visits: pd.DataFrame | None = None
    cases: pd.DataFrame | None = None


def hard_triggers(
    happened: Happenings, large: pd.Series[bool], rules: TriggerRules, as_of: date
) -> pd.DataFrame:
    """What happened to each group; one row a group and kind, its newest.

    Args:
        happened: The tables.
        large: By ``group_id``, whether the group is large; other groups are left out.
        rules: What counts, and how much.
        as_of: Day of the list.

    Returns:
        Sorted by group, gravest first: ``group_id``, ``trigger`` (one of ``KINDS``), ``level``,
        ``since`` (day on which it became known), ``text_zh``, ``text_en``, ``until`` (first day on
        which it no longer counts).
    """
    found = [
        *lost_key_people(happened.key_people, rules, as_of),
        *dissolved_vnets(happened.vnets, rules, as_of),
        *broken_agreements(happened.agreements, as_of),
        *attacks(happened.attacks, rules, as_of),
        *mentions(happened.visits, rules, as_of),
        *confirmed_attacks(happened.cases, as_of),
    ]
    return trigger_frame(found, large, rules, as_of)


def trigger_frame(
    found: Sequence[Found], large: pd.Series[bool], rules: TriggerRules, as_of: date
) -> pd.DataFrame:
    """The newest of each kind, with its level; those of level none left out."""
    is_large: dict[Any, bool] = large.to_dict()
    rows = []
    for one in found:
        age = (as_of - one.since).days
        if one.group_id not in is_large or not 0 <= age < rules.days:
            continue
        level = rules.level(one.kind, large=is_large[one.group_id])
        until = (pd.Timestamp(one.since) + pd.Timedelta(days=rules.days)).date()
        text = one.text
        rows.append((one.group_id, one.kind, level, one.since, text.zh, text.en, until))
    frame = pd.DataFrame(rows, columns=COLUMNS).astype(object)
    frame = frame[frame["level"] != "none"]
    newest = frame.sort_values(
        ["group_id", "trigger", "since", "text_en"], ascending=[True, True, False, True]
    ).drop_duplicates(["group_id", "trigger"])
    return in_order(newest)


def in_order(frame: pd.DataFrame) -> pd.DataFrame:
    """Sorted by group, gravest and newest first."""
    ranked = frame.assign(severity=frame["level"].map(SEVERITY)).sort_values(
        ["group_id", "severity", "since", "trigger"], ascending=[True, False, False, True]
    )
    return ranked[COLUMNS].reset_index(drop=True)
