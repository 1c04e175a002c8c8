"""Tickets of a group's members: how many, how bad, still open. Wishes to leave are left out."""

from __future__ import annotations

import narwhals as nw

from features.definition import group_feature
from features.expressions import count, share
from features.group.management import TICKETS
from features.member.service import asks
from features.reasons import Reason

GRAVEST = 4
"""Severity runs from 1, least, to 4, most."""


@group_feature(
    unit="per member",
    pivot=0,
    between=(0, 1000),
    direction=1,
    family="service",
    reason=Reason.SERVICE,
    raises=(
        "近90天每百名成员工单{hundred:.0f}张",
        "tickets of 90 days per hundred members: {hundred:.0f}",
    ),
    lowers=("近90天无工单", "no ticket in 90 days"),
)
def ticket_rate(tickets: nw.Expr, members: nw.Expr) -> nw.Expr:
    """Tickets of the last 90 days per member."""
    return share(tickets, of=members)


@group_feature(
    over=TICKETS,
    unit="count",
    pivot=0,
    between=(0, 10_000),
    family="service",
    reason=Reason.SERVICE,
    raises=("近90天未解决工单{value:.0f}张", "tickets of 90 days not resolved: {value:.0f}"),
    lowers=("近90天无未解决工单", "no ticket of 90 days is unresolved"),
    empty=0,
)
def open_tickets(cat: nw.Expr, resolved: nw.Expr) -> nw.Expr:
    """Tickets of the last 90 days that were not resolved by the day."""
    return count(asks(cat) & (resolved.fill_null(False) == False))  # noqa: E712


@group_feature(
    over=TICKETS,
    unit="count",
    pivot=0,
    between=(0, 10_000),
    family="service",
    reason=Reason.SERVICE,
    raises=(
        "近90天网络与产品故障工单{value:.0f}张",
        "tickets about faults in 90 days: {value:.0f}",
    ),
    lowers=("近90天无网络与产品故障工单", "no ticket about faults in 90 days"),
    empty=0,
)
def fault_tickets(cat: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Tickets about the network or a product's fault in the last 90 days."""
    return count(cat.is_in(("network", "product_fault")) & (age >= 0))


@group_feature(
    over=TICKETS,
    unit="count",
    pivot=0,
    between=(0, 10_000),
    family="service",
    reason=Reason.SERVICE,
    raises=(
        "近90天严重或不满意工单{value:.0f}张",
        "grave or ill-rated tickets in 90 days: {value:.0f}",
    ),
    lowers=("近90天无严重或不满意工单", "no grave or ill-rated ticket in 90 days"),
    empty=0,
)
def bad_tickets(cat: nw.Expr, severity: nw.Expr, csat: nw.Expr) -> nw.Expr:
    """Tickets of the last 90 days of the gravest severity (4) or rated 1 or 2 of 5."""
    grave, unhappy = severity.fill_null(1) == GRAVEST, csat.fill_null(5) <= 2
    return count(asks(cat) & (grave | unhappy))
