"""Which members of a group are worth binding first, and why.

Binding everybody never pays on the margin of a year. It pays for those whom the others follow, for
those whose contract is about to end, and for the few who bring the most.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import numpy as np
import pandas as pd

from features.definition import Text

KEY_ROLES: Final = ("key_person", "contact", "key_member")
WHY: Final[Mapping[str, Text]] = {
    "key_free": Text("关键成员未捆绑", "key member, not bound"),
    "key_ending": Text("关键成员即将到期", "key member, contract ending"),
    "ending": Text("合约即将到期", "contract ending"),
    "high_value": Text("高价值未捆绑", "high bill, not bound"),
}
"""Why a member is worth binding, the most urgent first."""
KEY: Final = ("key_free", "key_ending")
"""The reasons of key members."""


@dataclass(frozen=True)
class BundleRule:
    """Who is worth binding.

    Attributes:
        ending_days: A contract that ends within so many days is about to end.
        high_bill_fen: A monthly bill from which a member is of high value.
        key_weight: What a key member weighs in a group's lock, against 1 of an ordinary one.
        suggested: Members to speak to first where the action itself binds nobody by name.
    """

    ending_days: int
    high_bill_fen: int
    key_weight: float
    suggested: int


@dataclass(frozen=True)
class MemberRule:
    """Which members an action may bind.

    Attributes:
        most: Most members of a group.
        least_bill_fen: Smallest monthly bill; where it is above 0, an unknown bill is too small.
        least_days: Days for which the number must have been in use.
        named: Whether the owner must be registered by name.
    """

    most: int
    least_bill_fen: int = 0
    least_days: int = 0
    named: bool = False


@dataclass(frozen=True)
class Bindable:
    """A member worth binding; a missing bill or age is None. See ``worth_binding``."""

    user_id: str
    why: str
    weight: float
    bill_fen: float | None
    days_in_use: float | None
    named: bool


def worth_binding(members: pd.DataFrame, rule: BundleRule) -> pd.DataFrame:
    """The members worth binding, group by group, the most urgent first.

    Args:
        members: One row a member on net: ``group_id``, ``user_id``, ``member_role``,
            ``days_to_contract_end`` (of the last contract that runs; missing where none does),
            ``bill_fen`` (last closed month), ``days_in_use``, ``named`` (yes, no, missing) and
            ``diverted`` (whether the calls already go elsewhere).
        rule: Who is worth it.

    Returns:
        ``group_id``, ``user_id``, ``place`` (1 the most urgent of the group), ``why`` (a key of
        ``WHY``), ``weight`` (in the group's lock, of all that its members weigh), ``bill_fen``,
        ``days_in_use``, ``named``. Key members who are free come first, then those whose contract
        ends, then other members whose contract ends, then free ones with a high bill; within each,
        the highest bill first. Who is bound for longer, or has diverted, is not in it.
    """
    key = members["member_role"].isin(KEY_ROLES)
    weight = pd.Series(np.where(key, rule.key_weight, 1.0), index=members.index)
    share = weight / weight.groupby(members["group_id"]).transform("sum")
    why = _why(members, key, rule)
    order = why.map({name: place for place, name in enumerate(WHY)})
    found = members.assign(
        why=why, order=order, weight=share, bill=members["bill_fen"].astype("Float64").fillna(-1)
    )[why.notna() & ~members["diverted"].fillna(False).astype(bool)]
    found = found.sort_values(
        ["group_id", "order", "bill", "user_id"], ascending=[True, True, False, True]
    )
    place = found.groupby("group_id").cumcount() + 1
    columns = ["group_id", "user_id", "place", "why", "weight", "bill_fen", "days_in_use", "named"]
    return found.assign(place=place)[columns].reset_index(drop=True)


def by_group(found: pd.DataFrame) -> dict[str, tuple[Bindable, ...]]:
    """The rows of ``worth_binding``, in their order, by group."""
    rows: dict[str, list[Bindable]] = defaultdict(list)
    columns = ("group_id", "user_id", "why", "weight", "bill_fen", "days_in_use", "named")
    cells = (found[column].tolist() for column in columns)
    for group, user, why, weight, bill, days, named in zip(*cells, strict=True):
        known = not pd.isna(named) and bool(named)
        member = Bindable(user, why, weight, _number(bill), _number(days), known)
        rows[group].append(member)
    return {group: tuple(members) for group, members in rows.items()}


def bound_by(members: Iterable[Bindable], rule: MemberRule) -> tuple[Bindable, ...]:
    """Those members whom an action would bind, of one group in the order of ``worth_binding``."""
    suits = (
        member
        for member in members
        if _reaches(member.bill_fen, rule.least_bill_fen)
        and _reaches(member.days_in_use, rule.least_days)
        and (member.named or not rule.named)
    )
    return tuple(islice(suits, rule.most))


def said(members: Iterable[Bindable]) -> Text:
    """Why these members, counted: "2 × key member, not bound; 1 × contract ending"."""
    why = [member.why for member in members]
    counted = [(WHY[code], why.count(code)) for code in WHY if code in why]
    return Text(
        "、".join(f"{text.zh}{number}人" for text, number in counted),
        "; ".join(f"{number} × {text.en}" for text, number in counted),
    )


def _why(members: pd.DataFrame, key: pd.Series[bool], rule: BundleRule) -> pd.Series[str]:
    left = members["days_to_contract_end"].astype("Float64")
    free = left.isna()
    ending = left.le(rule.ending_days).fillna(False).astype(bool)
    high = members["bill_fen"].astype("Float64").ge(rule.high_bill_fen).fillna(False).astype(bool)
    cases = [key & free, key & ending, ~key & ending, ~key & free & high]
    why = pd.Series(None, index=members.index, dtype=object)
    for name, holds in zip(WHY, cases, strict=True):
        why[holds] = name
    return why


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _reaches(value: float | None, least: int) -> bool:
    return not least or (value is not None and value >= least)
