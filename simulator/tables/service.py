"""visit and ticket: account managers' visits, members' complaints and requests."""

from __future__ import annotations

import numpy as np

from simulator.cells import dates, known, moments, pick
from simulator.dekads import Dekad, Month
from simulator.delays import DAY, HOUR, office_hours
from simulator.draws import Floats, Ints
from simulator.members import GONE
from simulator.office import Office
from simulator.rivalry import INTENT
from simulator.society import Happenings
from simulator.tables.rivals import Rivals
from simulator.tables.staff import Staff

CATEGORIES = ("network", "billing", "tariff", "service", "product_fault", "cancel_request")
VISIT_TYPES = ("routine", "key_person", "care", "project", "complaint")
VISIT_WEIGHTS = (0.60, 0.16, 0.12, 0.08, 0.04)
USUAL_WEIGHTS = (0.30, 0.28, 0.14, 0.18, 0.10)
WOOED_WEIGHTS = (0.20, 0.32, 0.30, 0.10, 0.08)
SEVERITY_WEIGHTS = (0.10, 0.30, 0.45, 0.15)
CANCEL = CATEGORIES.index("cancel_request")


class Visits:
    """Sends visits; a group of which a report came is visited more often for two months."""

    def __init__(self, office: Office, staff: Staff, rivals: Rivals) -> None:
        self._office, self._staff, self._rivals = office, staff, rivals

    def begin(self) -> None:
        """Visits start with the world."""

    def dekad(self, happenings: Happenings, dekad: Dekad) -> None:
        """Send the visits of a dekad."""
        office = self._office
        draws, groups = office.draws, office.society.groups
        counts = draws.count("visit", self._rates(dekad), groups.index, dekad.index)
        group = np.repeat(groups.index, counts)
        if not len(group):
            return
        first = np.searchsorted(group, group, side="left")
        visit = group * 64 + (np.arange(len(group)) - first)
        day = dekad.day(draws, "visit.day", visit)
        manager = self._staff.manager[group]
        large = groups.tier[group] < 2
        wooed = office.society.rivalry.state[group] == INTENT
        mood = draws.uniform("visit.result", visit, dekad.index)
        result = np.where(
            mood < np.where(wooed, 0.12, 0.02),
            3,
            np.where(mood > 0.94, 2, np.where(mood > 0.6, 1, 0)),
        )
        rows = {
            "visit_id": [f"V{dekad.index:04d}{v:08d}" for v in visit.tolist()],
            "group_id": office.groups(group),
            "staff_id": self._staff.ids(np.where(manager < 0, self._staff.desk, manager)),
            "visit_date": dates(day),
            "type": pick(
                VISIT_TYPES, draws.choice("visit.type", VISIT_WEIGHTS, visit, dekad.index)
            ),
            "participants": pick(
                ["AM", "AM|chief_AM"],
                np.where(large & draws.happens("visit.chief", 0.12, visit, dekad.index), 1, 0),
            ),
            "contact_role": pick(
                ["key_person", "contact", "other"],
                draws.choice("visit.met", [0.3, 0.5, 0.2], visit, dekad.index),
            ),
            "duration_min": known(
                draws.whole("visit.minutes", 10, 90, visit, dekad.index),
                draws.happens("visit.timed", 0.7, visit, dekad.index),
            ),
            "result": pick(["satisfied", "neutral", "complaint", "rival_mention"], result),
        }
        load = office.load("visit", visit, day, dekad.index)
        office.send("visit", rows, office_hours(draws, "visit", visit, day), load)

    def month(self, month: Month) -> None:
        """Visits are sent as they are entered."""

    def _rates(self, dekad: Dekad) -> Floats:
        p, society = self._office.preset.fieldwork, self._office.society
        groups = society.groups
        alone = (groups.tier == 2) & ~groups.managed
        rate = np.where(alone, p.visits_unmanaged_c, p.visits.at(groups.tier)) / 3
        since = dekad.first - self._rivals.last_report
        return rate * np.where((since >= 0) & (since < 60), p.visits_after_report, 1.0)


class Tickets:
    """Sends each ticket when it is opened and again when it is closed."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def begin(self) -> None:
        """Tickets start with the world."""

    def dekad(self, happenings: Happenings, dekad: Dekad) -> None:
        """Send the tickets of a dekad, and the requests to cancel."""
        office, p = self._office, self._office.preset.fieldwork
        draws, society = office.draws, office.society
        members = society.members
        wooed = society.rivalry.state[members.group] == INTENT
        rate = p.tickets / 3 * np.where(wooed, p.tickets_intent, 1.0)
        opens = members.here & draws.happens("ticket", rate, members.key, dekad.index)
        who = np.flatnonzero(opens)
        day = dekad.day(draws, "ticket.day", members.key[who])
        unhappy = wooed[who]
        category = np.where(
            unhappy,
            draws.choice("ticket.cat.wooed", WOOED_WEIGHTS, members.key[who], dekad.index),
            draws.choice("ticket.cat", USUAL_WEIGHTS, members.key[who], dekad.index),
        )
        self._send(who, day, category, "T", dekad)
        self._send_cancels(happenings, dekad)

    def month(self, month: Month) -> None:
        """Tickets are sent as they are opened."""

    def _send_cancels(self, happenings: Happenings, dekad: Dekad) -> None:
        """Some who cancel say so up to ten days before, as far back as this month goes."""
        office, changes = self._office, happenings.doings.changes
        members, draws = office.society.members, office.draws
        who, day = changes.member[changes.state == GONE], changes.day[changes.state == GONE]
        key = members.key[who]
        asks = office.cancels(who)
        asks &= draws.happens("ticket.cancel", office.preset.fieldwork.cancel_ticket, key)
        before = draws.whole("ticket.cancel.before", 0, 10, key[asks])
        day = np.maximum(day[asks] - before, dekad.month.first)
        self._send(who[asks], day, np.full(int(asks.sum()), CANCEL), "C", dekad)

    def _send(self, who: Ints, day: Ints, category: Ints, kind: str, dekad: Dekad) -> None:
        if not len(who):
            return
        office = self._office
        members, draws = office.society.members, office.draws
        key = members.key[who]
        opened = office_hours(draws, f"ticket.{kind}", key, day)
        loaded = office.load("ticket", key, day, dekad.index)
        users = office.users(who)
        rows = {
            "ticket_id": [f"{kind}{dekad.index:04d}{u}" for u in users.to_pylist()],
            "user_id": users,
            "group_id": office.groups(members.group[who]),
            "open_time": moments(opened),
            "cat": pick(CATEGORIES, category),
            "severity": 1 + draws.choice("ticket.severity", SEVERITY_WEIGHTS, key, dekad.index),
        }
        office.send("ticket", {**rows, "resolved": False}, opened, loaded, source="CC")
        took = draws.whole("ticket.took", 1, 8, key, dekad.index)
        closed = opened + took * DAY // 2 + HOUR
        loaded = np.maximum(
            office.load("ticket", key, closed // DAY, 2_000 + dekad.index), loaded + HOUR
        )
        closing = {
            **rows,
            "close_time": moments(closed),
            "resolved": draws.happens("ticket.resolved", 0.9, key, dekad.index),
            "csat": known(
                draws.whole("ticket.csat", 1, 5, key, dekad.index),
                draws.happens("ticket.rated", 0.3, key, dekad.index),
            ),
        }
        office.send("ticket", closing, opened, loaded, "U", "CC")
