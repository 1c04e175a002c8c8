"""Retention actions: what each is for, costs and needs, as the operator's table says.

The table itself is config; here is its shape, what is known of the groups, and what one action
costs one group.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

from features.definition import Text
from models.response import ResponseRule
from serving.actions.bundling import BundleRule, MemberRule
from serving.actions.facts import Condition

Visitor = Literal["none", "manager", "chief"]
DO_NOT_DISTURB = "DO_NOT_DISTURB"
WATCH = "WATCH"


@dataclass(frozen=True)
class Driver:
    """Something that drives groups away, or that holds them; ``price`` if it is about money."""

    name: Text
    price: bool = False


@dataclass(frozen=True)
class Action:
    """One row of the table of actions.

    Attributes:
        code: Its code in campaigns, cases and treatments.
        name: What it is called.
        offer: What is offered, as a template: ``{bound}`` members to bind, ``{members}`` of the
            group, ``{vnet_members}``, ``{cap}`` the cap in yuan, ``{term}`` months.
        talking: What to say, a template of the same.
        channel: How the group is approached.
        aptness: How apt it is for each driver, 0 to 1.2.
        otherwise: How apt it is for all other drivers.
        strength: Its effect on who is won over, as a factor on that of a full action.
        lock_gain: What it adds to the share of the group that is locked in.
        cost_group_fen: Cost for the group.
        cost_member_fen: Cost for each member treated.
        cost_revenue_share: Cost as a share of the group's revenue in the term.
        term_months: Term of what is signed; 0 where nothing is.
        offer_cap_fen: Most that may be offered to the group, beside ...
        offer_cap_member_fen: ... most for each member treated.
        binds: Which members it binds, and how many at most; None where it binds none of them.
        per_member: Fact that counts the members treated, where it treats them all alike.
        letter: What a letter of authorisation must be good for; empty where none is needed.
        opens_letter: Whether it renews the letter, and so opens the way to other actions.
        visit: Whose visit it takes.
        hours: Hours of work that it takes, with the way there.
        commercial: Whether it is a contact of which a group gets one in so many days.
        conditions: What must hold of the group.
    """

    code: str
    name: Text
    offer: Text
    talking: Text
    channel: Text
    aptness: Mapping[str, float]
    otherwise: float
    strength: float
    lock_gain: float
    cost_group_fen: int
    cost_member_fen: int
    cost_revenue_share: float
    term_months: int
    offer_cap_fen: int
    offer_cap_member_fen: int
    letter: str
    opens_letter: bool
    visit: Visitor
    hours: float
    commercial: bool
    conditions: tuple[Condition, ...]
    binds: MemberRule | None = None
    per_member: str = ""

    def treated(self, group: Mapping[str, Any], bound: int) -> int:
        """How many members it would treat, ``bound`` of whom it would bind by name."""
        if self.per_member:
            counted = group.get(self.per_member)
            return 0 if pd.isna(counted) else int(counted)
        return bound

    def cost(self, group: Mapping[str, Any], treated: int) -> int:
        """What it costs for a group, in fen."""
        revenue = group.get("monthly_revenue_fen")
        points = 0.0 if pd.isna(revenue) else self.cost_revenue_share * float(revenue)
        return (
            self.cost_group_fen + self.cost_member_fen * treated + round(points * self.term_months)
        )

    def cap(self, treated: int) -> int:
        """Most that may be offered, in fen."""
        return self.offer_cap_fen + self.offer_cap_member_fen * treated


@dataclass(frozen=True)
class ActionTable:
    """The whole table, with the one map from reasons and levers to drivers.

    Attributes:
        drivers: Every driver by name.
        reasons: For each reason code its drivers, each with its weight.
        levers: For each lever of a rival the same.
        actions: The actions by code.
        lever_share: Weight of what rivals are reported to offer over the reasons of the score.
        lever_days: Days for which a report counts.
        lever_half_life: Days after which it counts half.
        lock_log_odds: What binding the whole group adds to the log-odds of its transfer.
        reach_ordinary: Effect of binding members none of whom is a key member, as a factor; with
            key members it is their share of those who can be bound.
        least_net_fen: What an action must bring beyond its cost to be worth the trouble.
        follow_through: How often a renewed letter leads to the action that it was renewed for.
        ruled_out: How many of the next best actions are told with why they were not taken.
        bundle: Which members are worth binding first.
    """

    drivers: Mapping[str, Driver]
    reasons: Mapping[str, Mapping[str, float]]
    levers: Mapping[str, Mapping[str, float]]
    actions: Mapping[str, Action]
    lever_share: float
    lever_days: int
    lever_half_life: float
    lock_log_odds: float
    reach_ordinary: float
    least_net_fen: int
    follow_through: float
    ruled_out: int
    bundle: BundleRule


@dataclass(frozen=True)
class Means:
    """What there is to act with.

    Attributes:
        budget_fen: Left for this list, by county; other counties have ``budget_elsewhere_fen``.
        budget_elsewhere_fen: Left for this list in a county that is not named.
        visits_manager: Visits that an account manager can make until the next list.
        visits_desk: The same of a county's desk, for all its groups without a manager.
        visits_chief: The same of a company leader.
        quiet_days: Days between two commercial contacts of a group.
    """

    budget_fen: Mapping[str, int]
    budget_elsewhere_fen: int
    visits_manager: int
    visits_desk: int
    visits_chief: int
    quiet_days: int


@dataclass(frozen=True)
class Terms:
    """By what actions are chosen.

    Attributes:
        table: The actions.
        means: Money and visits.
        response: How groups respond.
        margin: What is earned of revenue.
        months: Months of margin at stake when a group goes.
        revenue_share: Share of its revenue that goes with a group, where no model knows.
        assumed_risk: Risk of a group that no model scored, by the first letter of its tier and its
            level ("C.red").
    """

    table: ActionTable
    means: Means
    response: ResponseRule
    margin: float
    months: float
    revenue_share: float
    assumed_risk: Mapping[str, float]


@dataclass(frozen=True)
class ActionInputs:
    """What is known of the groups, as known on the day.

    Attributes:
        groups: One row a group: ``group_id``, ``county_id``, ``am_staff_id``, ``chief_am_id``,
            ``last_contact_date`` (the newest commercial contact), ``last_contact_zh`` and ``_en``
            (what it was), ``never_met`` (1, 0, missing) and the facts of ``serving.actions.facts``
            but for ``level``.
        levers: Reports of rivals: ``group_id``, ``lever`` (joined by bars, the main one first),
            ``age`` (days since the report).
        letters: Of ``serving.actions.contacts.valid_letters``; None without a table of letters.
        people: Of ``serving.actions.contacts.people``.
        members: Of ``serving.actions.bundling.worth_binding``.
    """

    groups: pd.DataFrame
    levers: pd.DataFrame
    letters: pd.DataFrame | None
    people: pd.DataFrame
    members: pd.DataFrame = field(repr=False)
