"""Choose one action for each group: what is expected to bring most for the money and the visits."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from features.definition import Text
from serving.actions.allot import allotted
from serving.actions.bundling import said
from serving.actions.cases import cases_of
from serving.actions.options import Case, Option, harmful, options
from serving.actions.table import DO_NOT_DISTURB, WATCH, Action, ActionInputs, Terms
from serving.actions.words import filled, why_chosen, why_left_alone, why_not, why_watched, yuan
from serving.actions.worth import Worth

COLUMNS = [
    *("group_id", "action_code", "action_zh", "action_en", "offer_zh", "offer_en"),
    *("offer_cap_fen", "cost_fen", "expected_saved_fen", "net_fen", "ranked_by"),
    *("action_why_zh", "action_why_en", "ruled_out_zh", "ruled_out_en", "talking_zh"),
    *("talking_en", "channel", "needs_visit", "members_to_bundle"),
    *("bundle_members", "bundle_why_zh", "bundle_why_en", "contact_can_sign", "contact_id"),
    *("letter_valid_to", "letter_scope", "first_step_zh", "first_step_en"),
]


def chosen(
    levels: pd.DataFrame,
    scores: pd.DataFrame,
    inputs: ActionInputs,
    terms: Terms,
    *,
    as_of: date,
    effect: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """One action for each group that is to be worked.

    Args:
        levels: One row a group: ``group_id``, ``level``, ``level_before`` (none where it was not
            on the last list) and ``method``. Groups in the holdout are left out by the caller.
        scores: Of ``serving.scoring``; groups without a score have the risk assumed for their
            level, and so have at least those whose level a trigger forces.
        inputs: What is known of the groups.
        terms: The table of actions, money, visits and what is at stake.
        as_of: Day of the list.
        effect: ``group_id`` and ``tau``, by how much treatment was found to lower the risk; it
            takes the place of aptness × risk where it is known. The aptest action that may be
            offered is expected to do all of it, others less, as they are less apt.

    Returns:
        One row a group, sorted by id, with the columns of ``COLUMNS``. Of the actions that a group
        may be offered and that bring more than they cost, the choice brings the most in all within
        each county's budget and everybody's visits (exactly; see ``serving.actions.allot``).
        Where whatever may be offered is expected to do harm it is DO_NOT_DISTURB, where nothing
        pays or fits WATCH.

    Raises:
        ActionError: Nothing is known of a group, or a level has no due date.
    """
    cases = cases_of(levels, scores, inputs, terms, as_of, effect)
    found = {one: options(case, terms) for one, case in cases.items()}
    deal = _Deal(cases, found, terms)
    rows = [deal.row(group_id, as_of) for group_id in sorted(cases)]
    return pd.DataFrame(rows, columns=COLUMNS)


class _Deal:
    """All groups' options, dealt out within money and visits."""

    def __init__(
        self, cases: Mapping[str, Case], found: Mapping[str, Mapping[str, Option]], terms: Terms
    ) -> None:
        self.cases, self.found, self.terms = cases, found, terms
        self.budget = {
            county: terms.means.budget_fen.get(county, terms.means.budget_elsewhere_fen)
            for county in {_county(case) for case in cases.values()}
        }
        offers = self._offers()
        callers = sorted(set(offers["visitor"]) - {""})
        self.visits = {visitor: self._calls(visitor) for visitor in callers}
        self.dealt = allotted(offers, self.budget, self.visits)
        self._spend()

    def _offers(self) -> pd.DataFrame:
        """Every action that would pay."""
        rows = [
            (
                group_id,
                code,
                option.worth.net_fen,
                option.worth.cost_fen,
                _county(self.cases[group_id]),
                _visitor(self.cases[group_id], option.action),
            )
            for group_id in sorted(self.cases)
            if not harmful(self.cases[group_id], self.found[group_id])
            for code, option in self.found[group_id].items()
            if option.pays
        ]
        names = ["group_id", "code", "net_fen", "cost_fen", "county", "visitor"]
        return pd.DataFrame(rows, columns=names)

    def _calls(self, visitor: str) -> int:
        means = self.terms.means
        kinds = {"AM": means.visits_manager, "desk": means.visits_desk, "chief": means.visits_chief}
        return kinds[visitor.split(":")[0]]

    def _spend(self) -> None:
        """What is left of money and visits."""
        spent: dict[str, int] = defaultdict(int)
        gone: Counter[str] = Counter()
        for group_id, code in self.dealt.items():
            option, case = self.found[group_id][code], self.cases[group_id]
            spent[_county(case)] += option.worth.cost_fen
            gone[_visitor(case, option.action)] += 1
        self.left = {county: fen - spent[county] for county, fen in self.budget.items()}
        self.calls_left = {visitor: n - gone[visitor] for visitor, n in self.visits.items()}

    def row(self, group_id: str, as_of: date) -> dict[str, Any]:
        """The row of one group."""
        case, found = self.cases[group_id], self.found[group_id]
        option, why = self._taken(case, found)
        action, worth, who = (
            option.action,
            option.worth,
            case.signatory(option.towards or option.action),
        )
        ruled = self._ruled_out(case, found, option)
        offer = filled(action.offer, action, case, option)
        talking = filled(action.talking, action, case, option)
        bundle = said(option.members)
        step = who.first_step if action.code != DO_NOT_DISTURB else None
        return {
            "group_id": group_id,
            "action_code": action.code,
            "action_zh": action.name.zh,
            "action_en": action.name.en,
            "offer_zh": offer.zh,
            "offer_en": offer.en,
            "offer_cap_fen": action.cap(option.treated),
            "cost_fen": worth.cost_fen,
            "expected_saved_fen": worth.saved_fen,
            "net_fen": worth.net_fen,
            "ranked_by": "aptness" if case.at.tau is None else "learned",
            "action_why_zh": why.zh,
            "action_why_en": why.en,
            "ruled_out_zh": "；".join(text.zh for text in ruled),
            "ruled_out_en": "; ".join(text.en for text in ruled),
            "talking_zh": talking.zh,
            "talking_en": talking.en,
            "channel": action.channel,
            "needs_visit": action.visit != "none",
            "members_to_bundle": len(option.members),
            "bundle_members": " ".join(member.user_id for member in option.members),
            "bundle_why_zh": bundle.zh,
            "bundle_why_en": bundle.en,
            "contact_can_sign": who.can_sign,
            "contact_id": who.contact_id,
            "letter_valid_to": who.letter_valid_to,
            "letter_scope": who.letter_scope,
            "first_step_zh": step.zh if step else None,
            "first_step_en": step.en if step else None,
        }

    def _taken(self, case: Case, found: Mapping[str, Option]) -> tuple[Option, Text]:
        table = self.terms.table
        if (code := self.dealt.get(case.group_id)) is not None:
            return found[code], why_chosen(case, found[code], table)
        allowed = [one for one in found.values() if one.barred is None]
        helping = [one for one in allowed if one.worth.effect > 0]
        best = max(helping, key=lambda o: (o.worth.net_fen, o.action.code), default=None)
        nothing = Worth(0.0, 0, 0)
        if harmful(case, found):
            every = [one for one in found.values() if not one.missed] or list(found.values())
            gentlest = max(every, key=lambda o: (o.worth.effect, o.action.code))
            left_alone = Option(table.actions[DO_NOT_DISTURB], (), 0, 0.0, nothing)
            return left_alone, why_left_alone(case, gentlest)
        return Option(table.actions[WATCH], (), 0, 0.0, nothing), why_watched(case, best, table)

    def _ruled_out(self, case: Case, found: Mapping[str, Option], taken: Option) -> list[Text]:
        """The next best actions, with why each was not taken."""
        others = [
            o for o in found.values() if o.action != taken.action and o.apt > 0 and not o.for_others
        ]
        others.sort(key=lambda o: (o.worth.effect <= 0, -o.worth.net_fen, o.action.code))
        first = others[: self.terms.table.ruled_out]
        return [why_not(o, taken.worth.net_fen, self._no_room(case, o)) for o in first]

    def _no_room(self, case: Case, option: Option) -> Text:
        left = self.left[_county(case)]
        if option.worth.cost_fen > left:
            return Text(
                f"超出预算（需{yuan(option.worth.cost_fen)}元，本县本期余{yuan(left)}元）",
                f"over budget (needs {yuan(option.worth.cost_fen)} yuan, the county has "
                f"{yuan(left)} left)",
            )
        if self.calls_left.get(_visitor(case, option.action), 1) < 1:
            return Text("本期拜访名额已用完", "no visit left until the next list")
        return Text("预算和拜访用在净得更高的集团", "money and visits bring more elsewhere")


def _county(case: Case) -> str:
    county = case.group.get("county_id")
    return "" if pd.isna(county) else str(county)


def _visitor(case: Case, action: Action) -> str:
    """Who has to go: the manager, else the desk of the county; the company's leader."""
    if action.visit == "none":
        return ""
    if action.visit == "chief":
        chief = case.group.get("chief_am_id")
        return f"chief:{_county(case) if pd.isna(chief) else chief}"
    manager = case.group.get("am_staff_id")
    return f"desk:{_county(case)}" if pd.isna(manager) else f"AM:{manager}"
