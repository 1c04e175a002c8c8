"""The steps that the operator controls: whether a group needs one, and the rows that it leaves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from features.definition import Text
from features.tables import Tables
from serving.why.one_group import KEY_ROLES, Group, Step, Supposed
from serving.why.rows import MARK, Rows, added, replaced
from serving.why.usage import DEKADLY, MONTHLY, brought_back, filled

SOMEBODY = "what_if"
OPEN_END = date(9999, 12, 31)


def steps(small: Tables, rows: Rows, group_id: str, as_of: date, supposed: Supposed) -> list[Step]:
    """The steps that a group needs, by what is known on the day.

    Args:
        small: The group's own rows as tables.
        rows: The same rows.
        group_id: The group.
        as_of: The day.
        supposed: What the steps suppose.
    """
    group = Group(small, rows, group_id, as_of, supposed)
    return [step for asked in ASKED for step in asked(group)]


def renewing(group: Group) -> Iterator[Step]:
    """Contracts that run out, and are followed by no other, run once more as long."""
    if group.contracts is None:
        return
    # A member's contracts follow each other, whatever their type; a group's agreements do not.
    held = group.contracts.assign(holder=group.contracts["user_id"].fillna(group.contracts["type"]))
    last = held.sort_values(["days_to_end_date", "contract_id"]).groupby("holder").tail(1)
    ending = last[last["days_to_end_date"].between(1, group.supposed.ending_days)]
    if ending.empty:
        return
    # The rows stand by id and load time: the newest version of each comes last.
    newest = {row["contract_id"]: row for row in group.rows["contract"].to_pylist()}
    new = [_renewed(newest[number], group.day) for number in sorted(ending["contract_id"])]
    of_members = int(ending["user_id"].notna().sum())
    text = _renewal(of_members, len(new) - of_members, group.supposed.ending_days)
    yield group.adding("renew", text, of_members, contract=new)


def bundling(group: Group) -> Iterator[Step]:
    """Members without a contract get one: key members first, then who pays most."""
    if group.contracts is None:
        return
    supposed, members = group.supposed, group.members
    free = members[~members["user_id"].isin(set(group.contracts["user_id"].dropna()))]
    free = free.assign(
        key=free["member_role"].isin(KEY_ROLES), paid=free["user_id"].map(group.paid).fillna(0)
    )
    order = ["key", "paid", "user_id"]
    chosen = free.sort_values(order, ascending=[False, False, True]).head(supposed.most_bundled)
    if chosen.empty:
        return
    terms = {
        "type": supposed.bundle_type,
        "sign_date": group.day,
        "start_date": group.day,
        "end_date": _later(group.day, supposed.bundle_months),
        "term_m": supposed.bundle_months,
        "bonus_fen": supposed.bundle_bonus_fen,
        "penalty_rule": "forfeit_bonus",
        **_live(group.day),
    }
    new = [
        {"contract_id": f"{user}{MARK}bundled", "user_id": user, **terms}
        for user in chosen["user_id"]
    ]
    count, keys, months = len(new), int(chosen["key"].sum()), supposed.bundle_months
    text = Text(
        f"为{count}名无合约成员办理{months}个月捆绑（其中关键人员{keys}名）",
        f"bundle {_members(count)} without a contract for {months} months ({keys} in key roles)",
    )
    yield group.adding("bundle", text, count, contract=new)


def visiting(group: Group) -> Iterator[Step]:
    """A group without an account manager gets one; one that nobody has visited of late is."""
    manager = group.snapshot["am_staff_id"]
    owned, can_visit = pd.notna(manager), "visit" in group.rows
    visit = {
        "visit_id": f"{group.id}{MARK}visit",
        "group_id": group.id,
        "staff_id": str(manager) if owned else SOMEBODY,
        "visit_date": group.day,
        "type": "key_person",
        "contact_role": "key_person",
        "result": "neutral",
    }
    if not owned:
        text = Text(
            "配备客户经理并走访关键人", "appoint an account manager who visits a key person"
        )
        yield Step("appoint", text, 0, lambda rows: _appointed(rows, group, visit))
    elif can_visit and not group.visited():
        yield group.adding("visit", Text("走访关键人", "visit a key person"), 0, visit=[visit])


def authorising(group: Group) -> Iterator[Step]:
    """A letter of authorisation that has ended, or soon ends, is renewed."""
    if "auth_letter" not in group.rows or group.letter_runs():
        return
    letter = {
        "letter_id": f"{group.id}{MARK}letter",
        "group_id": group.id,
        "contact_user_id": group.signer(),
        "contact_name_hash": SOMEBODY,
        "contact_id_hash": SOMEBODY,
        "scope": "all",
        "valid_from": group.day,
        "valid_to": _later(group.day, group.supposed.letter_months),
        "method": "contact_signature",
        "issued_date": group.day,
    }
    text = Text("续签授权书", "renew the letter of authorisation")
    yield group.adding("letter", text, 0, auth_letter=[letter])


def reactivating(group: Group) -> Iterator[Step]:
    """V-net minutes come back to the average of the three months before, where they fell."""
    if "usage_month" not in group.rows:
        return
    usage = group.usage("usage_month", "month", 4)
    minutes = usage[list(MONTHLY)].sum(axis=1)
    fresh = usage["age"] == 0
    months = brought_back(usage, "month", MONTHLY, newest=1, before=3)
    if months.empty or not 3 * minutes[fresh].sum() < minutes[~fresh].sum():
        return
    dekads = _dekads(group, set(months["user_id"]))
    count = len(months)

    def taken(rows: Rows) -> Rows:
        changed = {**rows, "usage_month": filled(rows["usage_month"], months, "month")}
        if dekads is not None:
            changed["usage_dekad"] = filled(rows["usage_dekad"], dekads, "dekad")
        return changed

    text = Text(
        f"使{count}名成员的V网通话恢复到前三个月的水平",
        f"bring V-net minutes of {_members(count)} back to those of the three months before",
    )
    yield Step("vnet", text, count, taken)


def solving(group: Group) -> Iterator[Step]:
    """Open tickets are solved."""
    tickets = group.open_tickets() if "ticket" in group.rows else []
    if not tickets:
        return

    def taken(rows: Rows) -> Rows:
        where = pc.is_in(rows["ticket"]["ticket_id"], pa.array(tickets, pa.string()))
        return {**rows, "ticket": replaced(rows["ticket"], "resolved", where, value=True)}

    count = len(tickets)
    en = "solve the open ticket" if count == 1 else f"solve {count} open tickets"
    yield Step("tickets", Text(f"办结{count}张未解决工单", en), 0, taken)


ASKED = (renewing, bundling, visiting, authorising, reactivating, solving)
"""In the order in which they are told."""


def _renewed(contract: dict[str, Any], day: date) -> dict[str, Any]:
    start, end = contract["start_date"], contract["end_date"]
    return {
        **contract,
        "contract_id": f"{contract['contract_id']}{MARK}renewed",
        "sign_date": day,
        "start_date": end,
        "end_date": end + (end - start),
        **_live(day),
    }


def _live(day: date) -> dict[str, Any]:
    return {"status": "live", "status_time": datetime.combine(day, time())}


def _renewal(members: int, agreements: int, days: int) -> Text:
    zh, en = [], []
    if members:
        zh.append(f"{members}名成员的合约")
        en.append("the contract of 1 member" if members == 1 else f"contracts of {members} members")
    if agreements:
        zh.append(f"{agreements}份集团协议")
        en.append("the group's agreement" if agreements == 1 else f"{agreements} agreements")
    return Text(
        f"续签{days}天内到期的{'和'.join(zh)}",
        f"renew {' and '.join(en)} ending within {days} days",
    )


def _dekads(group: Group, users: set[str]) -> pd.DataFrame | None:
    if "usage_dekad" not in group.rows:
        return None
    usage = group.usage("usage_dekad", "dekad", 12)
    usage = usage[usage["user_id"].isin(users)]
    usage = usage.assign(minutes=usage["mou_out_m"] + usage["mou_in_m"])
    return brought_back(usage, "dekad", DEKADLY, newest=3, before=9)


def _appointed(rows: Rows, group: Group, visit: dict[str, Any]) -> Rows:
    snapshot, month = rows["group_snapshot"], str(group.snapshot["month"])
    since = pc.greater_equal(snapshot["month"], month)
    changed = {**rows, "group_snapshot": replaced(snapshot, "am_staff_id", since, SOMEBODY)}
    if "group_manager_rela" in rows:
        term = {
            "group_id": group.id,
            "role": "AM",
            "staff_id": SOMEBODY,
            "valid_from": group.day,
            "valid_to": OPEN_END,
        }
        changed["group_manager_rela"] = added(rows["group_manager_rela"], [term], group.day)
    if "visit" in rows:
        changed["visit"] = added(rows["visit"], [visit], group.day)
    return changed


def _members(count: int) -> str:
    return "1 member" if count == 1 else f"{count} members"


def _later(day: date, months: int) -> date:
    return (pd.Timestamp(day) + pd.DateOffset(months=months)).date()
