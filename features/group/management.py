"""Who looks after a group, when they last came, and who may sign."""

from __future__ import annotations

import narwhals as nw

from features.definition import Window, group_feature
from features.expressions import ages, count, flag
from features.member.service import asks
from features.reasons import Reason
from features.views.managers import managers

VISITS = Window("visit", lookback=365)
LETTERS = Window("auth_letter")
TICKETS = Window("ticket", lookback=90, through="members")


@group_feature(
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    direction=-1,
    family="management",
    reason=Reason.OWNER,
    raises=("有客户经理", "has an account manager"),
    lowers=("无客户经理看管", "has no account manager"),
)
def managed(am_staff_id: nw.Expr) -> nw.Expr:
    """An account manager is named in the newest snapshot."""
    return flag(~am_staff_id.is_null())


@group_feature(
    over=Window(managers),
    unit="count",
    between=(1, 100_000),
    family="management",
    reason=Reason.OWNER,
    raises=("客户经理名下{value:.0f}家集团", "groups of the account manager: {value:.0f}"),
)
def manager_load(load: nw.Expr) -> nw.Expr:
    """Groups of any tier of the same account manager; unknown without one."""
    return load.max()


@group_feature(
    over=VISITS,
    unit="count",
    pivot=0,
    between=(0, 400),
    direction=-1,
    family="management",
    reason=Reason.OWNER,
    raises=("近90天走访{value:.0f}次", "visits in 90 days: {value:.0f}"),
    lowers=("近90天无走访", "no visit in 90 days"),
    empty=0,
)
def visits(visit_id: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Visits of the last 90 days that had been entered by the day."""
    return count(~visit_id.is_null() & ages(age, 0, 89))


@group_feature(
    over=VISITS,
    unit="count",
    pivot=0,
    between=(0, 400),
    direction=-1,
    family="management",
    reason=Reason.KEY_PEOPLE,
    raises=("近一年关键人走访{value:.0f}次", "visits to a key person within a year: {value:.0f}"),
    lowers=("近一年未走访关键人", "no key person visited within a year"),
    empty=0,
)
def key_person_visits(contact_role: nw.Expr) -> nw.Expr:
    """Visits of the last year in which a key person was met."""
    return count(contact_role == "key_person")


@group_feature(
    over=VISITS,
    unit="days",
    between=(0, 365),
    family="management",
    reason=Reason.OWNER,
    raises=("距上次走访{value:.0f}天", "days since the last visit: {value:.0f}"),
)
def days_since_visit(age: nw.Expr) -> nw.Expr:
    """Days since the last visit that had been entered; unknown without one within a year."""
    return age.min()


@group_feature(
    over=VISITS,
    unit="count",
    pivot=0,
    between=(0, 400),
    direction=1,
    family="management",
    reason=Reason.RIVAL_ATTACK,
    raises=(
        "近半年走访中{value:.0f}次提到竞争对手",
        "visits of half a year in which a rival was mentioned: {value:.0f}",
    ),
    lowers=("近半年走访未提到竞争对手", "no rival mentioned in visits of half a year"),
    empty=0,
)
def rival_mentions(result: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Visits of the last 180 days in which a rival was mentioned."""
    return count((result == "rival_mention") & ages(age, 0, 179))


@group_feature(
    over=LETTERS,
    unit="days",
    between=(-20_000, 20_000),
    pivot=0,
    family="management",
    reason=Reason.AUTHORISATION,
    raises=("授权书还有{size:.0f}天到期", "the letter of authorisation runs for {size:.0f} days"),
    lowers=("授权书已过期{size:.0f}天", "the letter of authorisation ended {size:.0f} days ago"),
)
def days_to_letter_end(days_to_valid_to: nw.Expr, days_to_issued_date: nw.Expr) -> nw.Expr:
    """Days until the last letter of authorisation ends (negative: since it ended)."""
    return nw.when(days_to_issued_date <= 0).then(days_to_valid_to).max()


@group_feature(
    over=TICKETS,
    unit="count",
    pivot=0,
    between=(0, 10_000),
    family="management",
    reason=Reason.SERVICE,
    raises=("近90天工单{value:.0f}张", "tickets in 90 days: {value:.0f}"),
    lowers=("近90天无工单", "no ticket in 90 days"),
    empty=0,
)
def tickets(ticket_id: nw.Expr, cat: nw.Expr) -> nw.Expr:
    """Tickets of the members in the last 90 days, of every kind but a wish to leave."""
    return count(~ticket_id.is_null() & asks(cat))


@group_feature(
    over=TICKETS,
    unit="count",
    pivot=0,
    between=(0, 10_000),
    direction=1,
    family="management",
    reason=Reason.SERVICE,
    raises=("近90天资费类工单{value:.0f}张", "tickets about bills in 90 days: {value:.0f}"),
    lowers=("近90天无资费类工单", "no ticket about bills in 90 days"),
    empty=0,
)
def price_tickets(cat: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Tickets about bills and tariffs in the last 90 days."""
    return count(cat.is_in(("billing", "tariff")) & (age >= 0))
