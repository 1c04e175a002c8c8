"""What could be done for one group: every action, what it is worth, and what stands in its way."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pandas as pd

from features.definition import Text
from serving.actions.bundling import KEY, Bindable, bound_by
from serving.actions.contacts import Signatory, signatory
from serving.actions.table import DO_NOT_DISTURB, WATCH, Action, Terms
from serving.actions.worth import Drive, Stake, Worth, aptness, effect, worth

FALLBACKS = (DO_NOT_DISTURB, WATCH)
STANDING = frozenset({"tier", "industry_l1", "double_top100"})
"""Facts that a group has for good: who fails one is not told so on every list."""


@dataclass(frozen=True)
class Case:
    """One group that is to be given an action.

    Attributes:
        group: Its facts, with its ``level``.
        found: What drives it away.
        at: What is at stake.
        letters: Its valid letters; None without a table of letters.
        person: Whom to turn to.
        members: Who is worth binding, the most urgent first.
        quiet_until: Before this day no commercial contact; None where nothing forbids one.
        as_of: Day of the list.
        assumed: Whether the risk is the one assumed for the level rather than a model's.
    """

    group: Mapping[str, Any]
    found: Drive
    at: Stake
    letters: Sequence[Mapping[str, Any]] | None
    person: Mapping[str, Any]
    members: tuple[Bindable, ...]
    quiet_until: date | None
    as_of: date
    assumed: bool

    @property
    def group_id(self) -> str:
        return str(self.group["group_id"])

    def signatory(self, action: Action) -> Signatory:
        """Who can sign for an action; for one that needs no letter, who can sign at all."""
        return signatory(self.letters, self.person, action.letter or "any", self.as_of)


@dataclass(frozen=True)
class Option:
    """One action for one group.

    Attributes:
        action: The action.
        members: Whom it would bind, or speak to first.
        treated: How many members it treats.
        apt: Its aptness for what drives the group.
        worth: What it is expected to bring.
        least_net_fen: What it must bring beyond its cost to be worth the trouble.
        barred: Why it may not be offered; None where it may.
        missed: The facts of the condition that the group does not fulfil, if there is one; members
            where nobody suits it.
        towards: The action that it opens the way to, by renewing the letter.
    """

    action: Action
    members: tuple[Bindable, ...]
    treated: int
    apt: float
    worth: Worth
    least_net_fen: int = 0
    barred: Text | None = None
    missed: frozenset[str] = frozenset()
    towards: Action | None = None

    @property
    def for_others(self) -> bool:
        """Whether it is meant for groups of another kind, such as another tier."""
        return bool(self.missed) and self.missed <= STANDING

    @property
    def pays(self) -> bool:
        """Whether it may be offered, does good and brings enough beyond what it costs."""
        net = self.worth.net_fen
        enough = net > 0 and net >= self.least_net_fen
        return self.barred is None and self.worth.effect > 0 and enough


def options(case: Case, terms: Terms) -> dict[str, Option]:
    """Every action of the table but the two that stand for none, by code."""
    actions = [a for code, a in sorted(terms.table.actions.items()) if code not in FALLBACKS]
    found = {action.code: _option(case, action, terms) for action in actions}
    for code, option in found.items():
        if option.action.opens_letter and option.barred is None:
            found[code] = _opening(case, option, found, terms)
    return found if case.at.tau is None else _learned(case, found)


def _option(case: Case, action: Action, terms: Terms) -> Option:
    """The action; one that binds members binds as many of them as are worth most together."""
    if action.binds is None:
        return _treating(case, action, case.members[: terms.table.bundle.suggested], terms)
    suited = bound_by(case.members, action.binds)
    sizes = [
        _treating(case, action, suited[:size], terms) for size in range(1, len(suited) + 1)
    ] or [_treating(case, action, (), terms)]
    return max(sizes, key=lambda option: (option.worth.net_fen, -option.treated))


def _treating(case: Case, action: Action, members: tuple[Bindable, ...], terms: Terms) -> Option:
    treated = action.treated(case.group, len(members) if action.binds is not None else 0)
    apt, locked = aptness(action, case.found), action.lock_gain
    if action.binds is not None and members:
        apt *= _reach(case, members, terms)
        locked += math.fsum(member.weight for member in members)
    # Where nobody suits, it is told as if for one member: for nobody it would cost nothing.
    cost = action.cost(case.group, max(treated, 1))
    fall = effect(case.at, apt, locked, terms)
    missed = next((one for one in action.conditions if not one.holds(case.group)), None)
    return Option(
        action,
        members,
        treated,
        apt,
        worth(case.at, fall, cost),
        terms.table.least_net_fen,
        barred=_barred(case, action, treated) if missed is None else missed.fault(case.group),
        missed=_missed(action, treated) if missed is None else missed.facts,
    )


def _reach(case: Case, members: tuple[Bindable, ...], terms: Terms) -> float:
    """How much of the effect binding these members has: the others follow the key members."""
    bound, free = (sum(member.why in KEY for member in some) for some in (members, case.members))
    return max(terms.table.reach_ordinary, bound / free if free else 0.0)


def _barred(case: Case, action: Action, treated: int) -> Text | None:
    if action.letter and (who := case.signatory(action)).can_sign == "no":
        return who.first_step
    if action.commercial and case.quiet_until is not None:
        return quiet(case)
    if _missed(action, treated):
        return Text("没有适合的成员", "no member suits it")
    return None


def _missed(action: Action, treated: int) -> frozenset[str]:
    nobody = not treated and (action.binds is not None or bool(action.per_member))
    return frozenset({"members"}) if nobody else frozenset()


def quiet(case: Case) -> Text:
    """Until when the group is not to be contacted, and why."""
    last = case.group
    return Text(
        f"最近一次接触为{last['last_contact_date']}{last['last_contact_zh']}，"
        f"{case.quiet_until}起才可再次营销接触",
        f"last contact {last['last_contact_date']} ({last['last_contact_en']}), "
        f"none before {case.quiet_until}",
    )


def _opening(case: Case, option: Option, found: Mapping[str, Option], terms: Terms) -> Option:
    """The renewal of a letter, worth part of what it opens the way to."""
    waiting = [
        other
        for other in found.values()
        if other.action.letter
        and case.signatory(other.action).can_sign == "no"
        and all(condition.holds(case.group) for condition in other.action.conditions)
        and other.worth.net_fen > option.worth.cost_fen
    ]
    if not waiting:
        return option
    best = max(waiting, key=lambda other: (other.worth.net_fen, other.action.code))
    apt = best.apt * terms.table.follow_through
    if apt <= option.apt:
        return option
    fall = effect(case.at, apt, option.action.lock_gain, terms)
    return replace(
        option,
        apt=apt,
        worth=worth(case.at, fall, option.worth.cost_fen),
        towards=best.action,
    )


def _learned(case: Case, found: Mapping[str, Option]) -> dict[str, Option]:
    """The options worth what results have taught: all of it for the aptest, less for the others."""
    tau = case.at.tau or 0.0
    best = max((one.apt for one in found.values() if one.barred is None), default=0.0)

    def fall(option: Option) -> float:
        if tau <= 0 or not best:
            return tau
        return tau * min(option.apt / best, 1.0)

    return {
        code: replace(option, worth=worth(case.at, fall(option), option.worth.cost_fen))
        for code, option in found.items()
    }


def harmful(case: Case, found: Mapping[str, Option]) -> bool:
    """Whether a contact is known to do harm, or even the best that suits the group is expected to.

    What only a letter or patience stands in the way of suits it all the same: such a group is no
    sleeping dog.
    """
    if case.at.tau is not None and case.at.tau < 0:
        return True
    suiting = [one.worth.effect for one in found.values() if not one.missed]
    return bool(suiting) and max(suiting) < 0


def quiet_until(last_contact: Any, as_of: date, days: int) -> date | None:
    """The first day on which a group may be contacted again; None where it may be today."""
    if last_contact is None or pd.isna(last_contact):
        return None
    until = last_contact + timedelta(days=days)
    return until if until > as_of else None


def known(value: Any) -> float:
    """A number, NaN where it is missing."""
    return math.nan if value is None or pd.isna(value) else float(value)
