"""visit and ticket: account managers' visits, members' complaints and requests."""

from __future__ import annotations

import numpy as np

from simulator import draws as random
from simulator.cells import Cells, dates, known, moments, pick
from simulator.dekads import Dekad, Month
from simulator.delays import DAY, HOUR, office_hours
from simulator.draws import Bits, Draws, Floats, Ints
from simulator.dynamics import INTENT
from simulator.members import GONE
from simulator.office import Office
from simulator.parameters import Shares
from simulator.portability import in_force, takes_number
from simulator.society import Happenings
from simulator.tables.rivals import Rivals
from simulator.tables.staff import Staff

CATEGORIES = (
    "network",
    "billing",
    "tariff",
    "service",
    "product_fault",
    "cancel_request",
    "mnp_query",
)
CANCEL, PORT = CATEGORIES.index("cancel_request"), CATEGORIES.index("mnp_query")
RIVAL_MENTION = "rival_mention"


class Visits:
    """Sends visits; a group of which a report came is visited more often for a while."""

    def __init__(self, office: Office, staff: Staff, rivals: Rivals) -> None:
        self._office, self._staff, self._rivals = office, staff, rivals

    def begin(self) -> None:
        """Visits start with the world."""

    def dekad(self, happenings: Happenings, dekad: Dekad) -> None:
        """Send the visits of a dekad."""
        office = self._office
        draws, groups, p = office.draws, office.society.groups, office.preset.fieldwork
        counts = draws.count("visit", self._rates(dekad), groups.index, dekad.index)
        group = np.repeat(groups.index, counts)
        if not len(group):
            return
        first = np.searchsorted(group, group, side="left")
        visit = group * 64 + (np.arange(len(group)) - first)
        day = dekad.day(draws, "visit.day", visit)
        manager = self._staff.manager[group]
        types, often = random.weights(p.visit_types)
        people, met = random.weights(p.visit_met)
        with_chief = (groups.tier[group] < 2) & draws.happens(
            "visit.chief", p.visit_chief, visit, dekad.index
        )
        rows = {
            "visit_id": [f"V{groups.county:03d}{dekad.index:04d}{v:08d}" for v in visit.tolist()],
            "group_id": office.groups(group),
            "staff_id": self._staff.ids(np.where(manager < 0, self._staff.desk, manager)),
            "visit_date": dates(day),
            "type": pick(types, draws.choice("visit.type", often, visit, dekad.index)),
            "participants": pick(["AM", "AM|chief_AM"], with_chief.astype(np.int64)),
            "contact_role": pick(people, draws.choice("visit.met", met, visit, dekad.index)),
            "duration_min": known(
                draws.whole("visit.minutes", *p.visit_minutes, visit, dekad.index),
                draws.happens("visit.timed", p.visit_timed, visit, dekad.index),
            ),
            "result": self._results(group, visit, dekad),
        }
        load = office.load("visit", visit, day, dekad.index)
        office.send("visit", rows, office_hours(draws, "visit", visit, day), load)

    def month(self, month: Month) -> None:
        """Visits are sent as they are entered."""

    def _results(self, group: Ints, visit: Ints, dekad: Dekad) -> Cells:
        """Groups that intend to move speak of the rival more often."""
        p, draws = self._office.preset.fieldwork, self._office.draws
        names, weights = random.weights(p.visit_results)
        wooed = self._office.society.rivalry.before[group] == INTENT
        speaks = wooed & draws.happens("visit.rival", p.visit_rival_wooed, visit, dekad.index)
        usual = draws.choice("visit.result", weights, visit, dekad.index)
        return pick(names, np.where(speaks, names.index(RIVAL_MENTION), usual))

    def _rates(self, dekad: Dekad) -> Floats:
        p, society = self._office.preset.fieldwork, self._office.society
        groups = society.groups
        alone = (groups.tier == 2) & ~groups.managed
        rate = np.where(alone, p.visits_unmanaged_c, p.visits.at(groups.tier)) / 3
        since = dekad.first - self._rivals.newest_report(dekad.first)
        lately = (since >= 0) & (since < p.visits_after_days)
        return rate * np.where(lately, p.visits_after_report, 1.0)


class Tickets:
    """Sends each ticket when it is opened and again when it is closed.

    Who cancels, or asks whether he may take his number along, may say so: a request of those who
    leave in this dekad is opened within it, so that no row tells what is yet to happen.
    """

    def __init__(self, office: Office) -> None:
        self._office = office

    def begin(self) -> None:
        """Tickets start with the world."""

    def dekad(self, happenings: Happenings, dekad: Dekad) -> None:
        """Send the tickets of a dekad, the requests to cancel, and those to take a number along."""
        self._send_usual(dekad)
        doings, members = happenings.doings, self._office.society.members
        changes = doings.changes
        who, day = changes.member[changes.state == GONE], changes.day[changes.state == GONE]
        ports = takes_number(self._office.preset, members, who, doings.defectors, dekad)
        self._send_cancels(who[~ports], day[~ports], dekad)
        self._send_queries(who[ports], day[ports], dekad)

    def month(self, month: Month) -> None:
        """Tickets are sent as they are opened."""

    def _send_usual(self, dekad: Dekad) -> None:
        office, p = self._office, self._office.preset.fieldwork
        draws, society = office.draws, office.society
        members = society.members
        wooed = society.rivalry.before[members.group] == INTENT
        rate = p.tickets / 3 * np.where(wooed, p.tickets_intent, 1.0)
        opens = members.here & draws.happens("ticket", rate, members.key, dekad.index)
        who = np.flatnonzero(opens)
        key = members.key[who]
        day = dekad.day(draws, "ticket.day", key)
        category = np.where(
            wooed[who],
            _categories(draws, "ticket.cat.wooed", p.ticket_cats_intent, key, dekad),
            _categories(draws, "ticket.cat", p.ticket_cats, key, dekad),
        )
        self._send(who, day, category, "T", dekad)

    def _send_cancels(self, who: Ints, day: Ints, dekad: Dekad) -> None:
        office, p, draws = self._office, self._office.preset.fieldwork, self._office.draws
        key = office.society.members.key[who]
        asks = office.cancels(who) & draws.happens("ticket.cancel", p.cancel_ticket, key)
        before = draws.whole("ticket.cancel.before", 0, p.cancel_before_days, key[asks])
        day = np.maximum(day[asks] - before, dekad.first)
        self._send(who[asks], day, np.full(int(asks.sum()), CANCEL), "C", dekad)

    def _send_queries(self, who: Ints, day: Ints, dekad: Dekad) -> None:
        """Most of those who decide to take their number along ask first; some ask and stay."""
        office, p, draws = self._office, self._office.preset.mnp, self._office.draws
        members = office.society.members
        asks = draws.happens("ticket.port", p.query, members.key[who], dekad.index)
        self._send(who[asks], day[asks], np.full(int(asks.sum()), PORT), "M", dekad)
        if in_force(office.preset, dekad.first):
            rate = random.dekad_hazard(p.curious)
            stays = members.here & draws.happens("ticket.curious", rate, members.key, dekad.index)
            some = np.flatnonzero(stays)
            day = dekad.day(draws, "ticket.curious.day", members.key[some])
            self._send(some, day, np.full(len(some), PORT), "Q", dekad)

    def _send(self, who: Ints, day: Ints, category: Ints, kind: str, dekad: Dekad) -> None:
        if not len(who):
            return
        office, p = self._office, self._office.preset.fieldwork
        members, draws = office.society.members, office.draws
        key = members.key[who]
        opened = office_hours(draws, f"ticket.{kind}", key, day)
        loaded = office.load("ticket", key, day, dekad.index)
        users = office.users(who)
        severity = draws.choice("ticket.severity", p.ticket_severity, key, dekad.index)
        rows = {
            "ticket_id": [f"{kind}{dekad.index:04d}{u}" for u in users.to_pylist()],
            "user_id": users,
            "group_id": office.groups(members.group[who]),
            "open_time": moments(opened),
            "cat": pick(CATEGORIES, category),
            "severity": 1 + severity,
        }
        office.send("ticket", {**rows, "resolved": False}, opened, loaded, source="CC")
        took = draws.whole("ticket.took", *p.ticket_half_days, key, dekad.index)
        closed = opened + took * DAY // 2 + HOUR
        loaded = np.maximum(
            office.load("ticket", key, closed // DAY, 2_000 + dekad.index), loaded + HOUR
        )
        closing = {
            **rows,
            "close_time": moments(closed),
            "resolved": draws.happens("ticket.resolved", p.ticket_resolved, key, dekad.index),
            "csat": known(
                draws.whole("ticket.csat", 1, 5, key, dekad.index),
                draws.happens("ticket.rated", p.ticket_rated, key, dekad.index),
            ),
        }
        office.send("ticket", closing, opened, loaded, "U", "CC")


def _categories(draws: Draws, process: str, shares: Shares, key: Bits, dekad: Dekad) -> Ints:
    names, weights = random.weights(shares)
    codes = np.array([CATEGORIES.index(name) for name in names])
    return np.asarray(codes[draws.choice(process, weights, key, dekad.index)])
