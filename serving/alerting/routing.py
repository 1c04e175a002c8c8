"""Who gets each row of the list, who else is told, and to whom it goes up; with the reason.

A C group goes to its account manager. Without one it is given one of its county who has room, the
one with the fewest groups, or else goes to the pool, the county's desk for small businesses. A, B
and double-top-100 groups go to the company leader paired with them, their chief account manager,
and to their account manager. Nobody who has left gets a row, and nobody gets more rows than he can
work, but for red ones. Where a role is missing, the next above stands in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from features.definition import Text
from serving.alerting.level_rules import SEVERITY
from serving.alerting.staffing import ROLE, UPWARD, Staffing
from serving.alerting.why import day_text
from serving.facts import is_large

COLUMNS = [
    "group_id",
    "owner_id",
    "owner_status",
    "route_to",
    "also_to",
    "escalate_to",
    "routing_why_zh",
    "routing_why_en",
]


@dataclass(frozen=True)
class RoutingRules:
    """How many red, orange and yellow rows of one list a person gets.

    Attributes:
        manager: An account manager.
        chief: A company leader.
    """

    manager: int
    chief: int


def routes(
    listed: pd.DataFrame,
    facts: pd.DataFrame,
    staff: pd.DataFrame | None,
    areas: pd.DataFrame | None,
    rules: RoutingRules,
    as_of: date,
) -> pd.DataFrame:
    """Where each listed group goes; the order of rows does not matter.

    Args:
        listed: Of ``serving.alerting.levels``: ``group_id``, ``level``, ``priority``.
        facts: Of ``serving.facts``, of every group, so that each manager's load is counted.
        staff: Table staff as known on the day; None without one.
        areas: Table dim_area; None without one.
        rules: Room.
        as_of: Day of the list.

    Returns:
        One row a listed group, sorted by id: ``group_id``, ``owner_id`` (the account manager; of a
        large group without one its chief; empty in the pool), ``owner_status`` (owned, appointed,
        pool), ``route_to``, ``also_to`` (told as well), ``escalate_to`` (when nobody reacts),
        ``routing_why_zh``, ``routing_why_en``. Empty where nobody is found, and the reason says so.
    """
    known = facts.assign(large=is_large(facts))
    columns = ["group_id", "large", "county_id", "am_staff_id", "chief_staff_id"]
    rows = listed[["group_id", "level", "priority"]].merge(
        known[columns], how="left", on="group_id", validate="1:1"
    )
    people = Staffing(staff, areas, known, as_of)
    load = known["am_staff_id"].value_counts().to_dict()
    desk = _Desk(people, rules, as_of, {str(person): int(n) for person, n in load.items()})
    vacant = [not people.is_there(person) for person in rows["am_staff_id"]]
    ordered = rows.assign(severity=rows["level"].map(SEVERITY), vacant=vacant).sort_values(
        ["severity", "vacant", "priority", "group_id"], ascending=[False, True, False, True]
    )
    routed = [desk.route(row) for row in ordered.to_dict("records")]
    frame = pd.DataFrame(routed, columns=COLUMNS, dtype="object")
    return frame.sort_values("group_id", ignore_index=True)


@dataclass
class _Desk:
    """Gives out rows one by one, the most urgent first, and counts what each person has."""

    people: Staffing
    rules: RoutingRules
    as_of: date
    load: dict[str, int]
    given: dict[str, int] = field(default_factory=dict)

    def route(self, row: dict[Any, Any]) -> list[Any]:
        county = row["county_id"] if isinstance(row["county_id"], str) else ""
        why: list[Text] = []
        if row["large"]:
            owner, status, to, also = self._large(row, county, why)
        else:
            owner, status, to, also = self._small(row, county, why)
        up = self._escalation(row, county, (to, also), why)
        zh, en = "；".join(text.zh for text in why), "; ".join(text.en for text in why)
        return [row["group_id"], owner, status, to, also, up, zh, en]

    def _small(
        self, row: dict[Any, Any], county: str, why: list[Text]
    ) -> tuple[str | None, str, str | None, str | None]:
        owner, status = self._manager(row, county, why)
        if owner is None:
            desk = self._ask("service", county, why, what=Text("进公共池，由", "to the pool: "))
            also = self._told(row["level"], county, desk, why)
            return None, "pool", desk, also
        return owner, status, owner, self._told(row["level"], county, owner, why)

    def _large(
        self, row: dict[Any, Any], county: str, why: list[Text]
    ) -> tuple[str | None, str, str | None, str | None]:
        """To the chief; reminders, and what the chief has no room for, to the account manager."""
        level, own = row["level"], row["am_staff_id"]
        if level == "blue" and self.people.is_there(own):
            why.append(_named("AM", own))
            return own, "owned", own, None
        chief = self._present(row["chief_staff_id"], "chief_AM", why)
        manager, status = self._manager(row, county, why, large=True)
        owner, status = (manager, status) if manager else (chief, "owned" if chief else "pool")
        if chief is None:
            return owner, status, self._ask("county_mgr", county, why), manager
        if self._has_room(chief, self.rules.chief, level):
            self._give(chief, level)
            why.insert(0, _named("chief_AM", chief))
            return owner, status, chief, manager
        why.append(_full("chief_AM", chief, self.rules.chief))
        if manager and self._has_room(manager, self.rules.manager, level):
            self._give(manager, level)
            return owner, status, manager, None
        return owner, status, self._ask("AM_lead", county, why), manager

    def _manager(
        self, row: dict[Any, Any], county: str, why: list[Text], *, large: bool = False
    ) -> tuple[str | None, str]:
        """The account manager who takes the row, his own or one appointed."""
        own, level = self._present(row["am_staff_id"], "AM", why), row["level"]
        room = self.rules.manager
        if own is not None:
            if large:
                why.append(_named("AM", own))
                return own, "owned"
            if not self._has_room(own, room, level):
                why.append(_full("AM", own, room))
                return None, "pool"
            self._give(own, level)
            why.append(_named("AM", own))
            return own, "owned"
        if level == "blue":
            return None, "pool"
        candidates = self.people.of_county(county, "AM")
        free = [one for one in candidates if self._has_room(one, room, level)]
        if not free:
            why.append(_nobody_free(candidates, room))
            return None, "pool"
        chosen = min(free, key=lambda one: (self.load.get(one, 0), one))
        groups = self.load.get(chosen, 0)
        self.load[chosen] = groups + 1
        if not large:
            self._give(chosen, level)
        why.append(
            Text(
                f"指派给本区县在管集团最少的客户经理{chosen}（{groups}个）",
                f"given to {chosen}, who of the county's account managers with room has the "
                f"fewest groups ({groups})",
            )
        )
        return chosen, "appointed"

    def _present(self, person: object, role: str, why: list[Text]) -> str | None:
        """The person of record, if still there; else why not."""
        if self.people.is_there(person):
            return str(person)
        name = ROLE[role]
        left = self.people.left_on(person) if isinstance(person, str) else None
        if left is None:
            why.append(Text(f"无{name.zh}", f"no {name.en}"))
        else:
            day = day_text(left, self.as_of)
            why.append(
                Text(f"{name.zh}{person}已于{day.zh}离岗", f"{name.en} {person} left on {day.en}")
            )
        return None

    def _told(self, level: str, county: str, to: str | None, why: list[Text]) -> str | None:
        """Of a red C group the county manager is told."""
        if level != "red":
            return None
        found = self.people.asked_for("county_mgr", county, (to,))
        if found is None:
            return None
        person, role = found
        why.append(Text(f"抄送{ROLE[role].zh}{person}", f"{ROLE[role].en} {person} is told"))
        return person

    def _escalation(
        self, row: dict[Any, Any], county: str, knows: tuple[str | None, ...], why: list[Text]
    ) -> str | None:
        """To the lead, of red to the county manager, or past him where he has been told."""
        level = row["level"]
        if level not in ("red", "orange"):
            return None
        role = "AM_lead" if level == "orange" else "county_mgr" if row["large"] else "branch"
        overdue = Text("逾期升级给", "when overdue it goes up to the ")
        return self._ask(role, county, why, but=knows, what=overdue)

    def _ask(
        self,
        role: str,
        county: str,
        why: list[Text],
        *,
        but: tuple[str | None, ...] = (),
        what: Text = Text("转", "to the "),  # noqa: B008 - a text does not change
    ) -> str | None:
        """The person for a role, or who stands in; what was done is told."""
        found, name = self.people.asked_for(role, county, but), ROLE[role]
        if found is None:
            why.append(Text(f"找不到{name.zh}及其上级", f"no {name.en} and nobody above"))
            return None
        person, held = found
        missing = Text(f"无{name.zh}", f"no {name.en}")
        if held != UPWARD[role][0] and missing not in why:
            why.append(missing)
        why.append(Text(f"{what.zh}{ROLE[held].zh}{person}", f"{what.en}{ROLE[held].en} {person}"))
        return person

    def _has_room(self, person: str, room: int, level: str) -> bool:
        return level in ("red", "blue") or self.given.get(person, 0) < room

    def _give(self, person: str, level: str) -> None:
        if level != "blue":
            self.given[person] = self.given.get(person, 0) + 1


def _named(role: str, person: str) -> Text:
    return Text(f"{ROLE[role].zh}{person}", f"{ROLE[role].en} {person}")


def _full(role: str, person: str, room: int) -> Text:
    name = ROLE[role]
    return Text(
        f"{name.zh}{person}本期已满{room}个",
        f"{name.en} {person} has {room} rows and no room for more",
    )


def _nobody_free(candidates: list[str], room: int) -> Text:
    if not candidates:
        return Text("本区县没有可用的客户经理", "the county has no account manager")
    return Text(
        f"本区县客户经理均已满{room}个",
        f"all account managers of the county have their {room} rows",
    )
