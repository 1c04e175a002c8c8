"""What a KPI is, and the numbers that the report judges by; every number comes from config."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from features.definition import Text

Kind = Literal["flow", "retention", "level"]
"""A flow adds up over the year, a retention can only fall from 100, a level is what it is."""
Direction = Literal["higher", "lower"]
Unit = Literal["percent", "yuan", "minutes", "count"]
Shown = Literal["percent", "wan_yuan", "yuan", "minutes", "count"]
Progress = Literal["day", "month", "working_day"]


@dataclass(frozen=True)
class Kpi:
    """One KPI of the report.

    Attributes:
        code: As in ``kpi_target`` and ``kpi_actual``.
        name: What people call it.
        kind: How it is set beside the time: a flow's attainment beside the time progress, a
            retention beside its pace line, a level beside the target itself.
        direction: Whether higher or lower is better; what the operator's target says comes first.
        unit: Unit of its values where the operator's target names none.
        shown: Unit in which it is shown; ``wan_yuan`` is ten thousand yuan (万元).
        decimals: Decimals that it is shown with.
        formula: The measure of ``serving.kpi.measures`` that works it out from the tables; empty
            for what only the operator can know.
        products: Products whose revenue it is, for the formula ``product_revenue``.
    """

    code: str
    name: Text
    kind: Kind
    direction: Direction
    unit: Unit
    shown: Shown
    decimals: int
    formula: str = ""
    products: tuple[str, ...] = ()


@dataclass(frozen=True)
class WorkingDays:
    """Which days count where time is told in working days: Monday to Friday, but for these."""

    holidays: frozenset[date] = frozenset()
    made_up: frozenset[date] = frozenset()

    def counts(self, day: date) -> bool:
        """Whether people work on the day."""
        return day in self.made_up or (day.weekday() < 5 and day not in self.holidays)


@dataclass(frozen=True)
class Limits:
    """What is ahead, what differs, and what raises the alarm.

    Attributes:
        progress: How time is told.
        working: The calendar, where it is told in working days.
        ahead_points: Points from which a KPI is ahead (or met).
        near_points: Points below that within which it is on a level with the time (or near).
        near_retention_points: The same of a retention, all of whose room is a few points.
        differs_points: Points by which our rate may differ from the operator's unsaid.
        differs_share: Share by which our amount may.
        unexplained_points: Points of the base's revenue lost on members still on net, from which
            value leaks.
        value_points: Points by which value retention may fall behind member retention.
        quiet_share: Share of the members on net that may have gone quiet.
        second_sim_share: Share of the members on net that may show a second SIM.
        at_risk_share: Published revenue at risk, as a share of the base's monthly revenue.
        fewest_holdout: Groups held back that a comparison needs.
    """

    progress: Progress
    working: WorkingDays
    ahead_points: float
    near_points: float
    near_retention_points: float
    differs_points: float
    differs_share: float
    unexplained_points: float
    value_points: float
    quiet_share: float
    second_sim_share: float
    at_risk_share: float
    fewest_holdout: int


@dataclass(frozen=True)
class Reading:
    """How the operator's tables are read.

    Attributes:
        target_base, group_base, member_base: How the ids of the year's frozen lists begin: groups
            of the target market, all groups, members.
        off: Values of ``member.status`` that mean off the net.
        lost: Values of ``group_snapshot.lifecycle`` that mean lost.
        void: Values of it that are no group at all.
        contracted: Values of it that mean a group is ours.
        key_roles: Values of ``membership_hist.member_role`` that make a key member.
        hard_contracts: Contract types that bind a member; ``agreements`` those that bind a group.
        vnet, package_vnet, short_sms: Products of the V-net, of its package-minute plan, of
            short-number messages.
        value_floor_fen: Monthly bill below which a member's value is lost.
        value_low_months: Months of the year below it that make the loss.
        vnet_minutes: Minutes inside the V-net that more than makes a real user of it.
        of_package: Whether that share is of package-minute users only.
        short_messages: Messages to short numbers in a month that make a real user.
        quiet_ratio: Share of the reference minutes at or below which a member has gone quiet.
        reference_months: Months before the base was frozen that reference minutes are taken of.
        least_seen: Share of the members whose bills or minutes should have come by which they must
            have come.
        second_sim_score: Score from which a member shows a second SIM.
        soon_days: Days within which a contract's end is soon.
        contact_days: Days within which a visit counts as contact.
        case_days: Days of cases that rates of the loop are taken of.
        case_levels: Levels of cases that are to be contacted.
        verify_days: Days after which the data tell what became of a case.
    """

    target_base: str
    group_base: str
    member_base: str
    off: frozenset[str]
    lost: frozenset[str]
    void: frozenset[str]
    contracted: frozenset[str]
    key_roles: frozenset[str]
    hard_contracts: frozenset[str]
    agreements: frozenset[str]
    vnet: frozenset[str]
    package_vnet: frozenset[str]
    short_sms: frozenset[str]
    value_floor_fen: int
    value_low_months: int
    vnet_minutes: int
    of_package: bool
    short_messages: int
    quiet_ratio: float
    reference_months: int
    least_seen: float
    second_sim_score: float
    soon_days: int
    contact_days: int
    case_days: int
    case_levels: frozenset[str]
    verify_days: int


Definitions = Mapping[str, Kpi]
