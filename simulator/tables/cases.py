"""alert_case: alerts given out to account managers, and what became of each (闭环)."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from simulator.cells import Cells, moments, pick
from simulator.dekads import NEVER, Dekad
from simulator.delays import DAY, end_of, load_times, office_hours
from simulator.draws import Floats, Ints
from simulator.dynamics import INTENT
from simulator.office import InOrder, Office
from simulator.retention import LEVELS, REASONS, RED, Opened
from simulator.tables.staff import Staff

DISPATCHED, CONTACTED, ACTED, FED_BACK, ESCALATED, CLOSED = STEPS = range(6)
FEEDBACK = (
    "no_risk",
    "contacted_kept",
    "contract_signed",
    "competitor_confirmed",
    "lost",
    "unreachable",
)
NO_RISK, KEPT, SIGNED, RIVAL, LOST, UNREACHABLE = range(6)
VERIFIED = ("confirmed", "false_alarm", "missed")
CONFIRMED, FALSE_ALARM, MISSED = range(3)
RULES = "rules"
NOT_YET = NEVER * DAY


class Cases:
    """Keeps the cases, lets what is planned for them happen, and sends each new state.

    Every array has one element for each case so far; ``_planned`` and ``_since`` have a row for
    each of ``STEPS`` with the moment, NOT_YET where it is not planned or has not happened.
    """

    def __init__(self, office: Office, staff: Staff) -> None:
        self._office, self._staff = office, staff
        none = np.zeros(0, dtype=np.int64)
        self._group, self._level, self._begun = none, none, none
        self._held = np.zeros(0, dtype=np.bool_)
        self._drivers: list[str] = []
        self._batch: list[str] = []
        self._planned = np.zeros((len(STEPS), 0), dtype=np.int64)
        self._since = np.zeros((len(STEPS), 0), dtype=np.int64)
        self._due, self._handler, self._chief = none, none, none
        self._next_action, self._action = none, none
        self._feedback, self._verdict = none, none
        self._open = np.full(office.society.groups.count, -1)
        self._actions = office.preset.treatment.actions()
        self._in_order = InOrder()

    def dekad(self, dekad: Dekad) -> None:
        """Let happen what was planned for this dekad, in the order of time within each case."""
        step, case = np.nonzero(self._planned <= end_of(np.array(dekad.last)))
        at = self._planned[step, case]
        order = np.lexsort((step, at, case))
        step, case, at = step[order], case[order], at[order]
        place = np.arange(len(case)) - np.searchsorted(case, case, side="left")
        for turn in range(int(place.max(initial=-1)) + 1):
            now = place == turn
            self._happen(step[now], case[now], at[now])

    def open(self, opened: Opened, dekad: Dekad) -> None:
        """Begin cases at the end of a dekad; those that they replace end."""
        moment = int(end_of(np.array(dekad.last)))
        old = self._open[opened.group[opened.replaces]]
        self._planned[:, old] = NOT_YET
        self._end(old, np.full(len(old), moment))
        self._send(old, np.full(len(old), moment), "U")
        first = len(self._group)
        self._append(opened, dekad, moment)
        fresh = np.arange(first, len(self._group))
        self._open[opened.group] = fresh
        self._plan(fresh, dekad)
        self._send(fresh, np.full(len(fresh), moment), "I")

    def act(self, group: Ints, action: Sequence[str], at: Ints) -> None:
        """Plan actions for the open cases of groups that are treated; others have none."""
        case = self._open[group]
        codes = np.array([self._actions.index(name) for name in action], dtype=np.int64)
        some = case >= 0
        case, at, codes = case[some], at[some], codes[some]
        in_time = at < self._planned[CLOSED, case]
        case, at, codes = case[in_time], at[in_time], codes[in_time]
        self._planned[ACTED, case], self._next_action[case] = at, codes
        later = self._planned[CONTACTED, case] > at
        self._planned[CONTACTED, case[later]] = NOT_YET
        self._plan_feedback(case, at // DAY)

    def _append(self, opened: Opened, dekad: Dekad, moment: int) -> None:
        count = len(opened.group)
        never = np.full((len(STEPS), count), NOT_YET)
        unknown = np.full(count, -1)
        self._group = np.concatenate([self._group, opened.group])
        self._level = np.concatenate([self._level, opened.level])
        self._begun = np.concatenate([self._begun, np.full(count, moment)])
        self._held = np.concatenate([self._held, opened.held])
        self._drivers += [
            json.dumps([name for name, holds in zip(REASONS, row, strict=True) if holds])
            for row in opened.reasons.T.tolist()
        ]
        self._batch += [dekad.code] * count
        self._planned = np.concatenate([self._planned, never], axis=1)
        self._since = np.concatenate([self._since, never], axis=1)
        self._due = np.concatenate([self._due, np.full(count, NOT_YET)])
        for name in ("_handler", "_chief", "_next_action", "_action", "_feedback", "_verdict"):
            setattr(self, name, np.concatenate([getattr(self, name), unknown]))

    def _plan(self, case: Ints, dekad: Dekad) -> None:
        """Settle when new cases will be given out, lead to a contact, and be closed."""
        p, draws, key = self._office.preset.alert, self._office.draws, self._keys(case)
        low, high = p.dispatch_days
        day = dekad.last + draws.whole("case.dispatch", low, high, key)
        given = office_hours(draws, "case.dispatch", key, day)
        limit = np.array([p.due_days[name] for name in LEVELS])[self._level[case]]
        self._due[case] = given + (limit * DAY).astype(np.int64)
        planned = np.full((len(STEPS), len(case)), NOT_YET)
        planned[DISPATCHED] = given
        haste = draws.uniform("case.contact", key)
        reached = day + 1 + np.floor(haste * limit * p.contact_late).astype(np.int64)
        meets = draws.happens("case.meets", self._contact_chance(case), key)
        contact = office_hours(draws, "case.contact", key, reached)
        planned[CONTACTED] = np.where(meets, contact, NOT_YET)
        large = self._staff.chief[self._group[case]] >= 0
        late = large & (self._level[case] == RED) & (planned[CONTACTED] > self._due[case])
        planned[ESCALATED] = np.where(late, self._due[case], NOT_YET)
        planned[:, self._held[case]] = NOT_YET
        end = np.full(len(case), dekad.last + p.verify_days)
        planned[CLOSED] = office_hours(draws, "case.close", key, end)
        self._planned[:, case] = np.where(planned <= planned[CLOSED], planned, NOT_YET)
        told = meets | draws.happens("case.unreachable", p.told_unreachable, key)
        some = told & ~self._held[case]
        self._plan_feedback(case[some], np.where(meets, reached, self._due[case] // DAY)[some])

    def _contact_chance(self, case: Ints) -> Floats:
        p = self._office.preset.alert
        chance = np.array([p.contact[name] for name in LEVELS])[self._level[case]]
        desk = self._staff.manager[self._group[case]] < 0
        return np.where(desk, chance * p.contact_desk, chance)

    def _plan_feedback(self, case: Ints, day: Ints) -> None:
        p, draws, key = self._office.preset.alert, self._office.draws, self._keys(case)
        day = day + draws.whole("case.feedback", 1, p.feedback_days, key, day)
        at = office_hours(draws, "case.feedback", key, day)
        self._planned[FED_BACK, case] = np.where(at < self._planned[CLOSED, case], at, NOT_YET)

    def _happen(self, step: Ints, case: Ints, at: Ints) -> None:
        self._since[step, case], self._planned[step, case] = at, NOT_YET
        acted = case[step == ACTED]
        self._action[acted] = self._next_action[acted]
        self._since[CONTACTED, acted] = np.minimum(
            self._since[CONTACTED, acted], self._since[ACTED, acted]
        )
        given = case[step == DISPATCHED]
        manager = self._staff.manager[self._group[given]]
        self._handler[given] = np.where(manager < 0, self._staff.desk, manager)
        passed_on = case[step == ESCALATED]
        self._chief[passed_on] = self._staff.chief[self._group[passed_on]]
        told = step == FED_BACK
        self._feedback[case[told]] = self._heard(case[told], at[told])
        over = step == CLOSED
        self._verdict[case[over]] = self._verify(case[over], at[over])
        self._end(case[over], at[over])
        self._send(case, at, "U")

    def _heard(self, case: Ints, at: Ints) -> Ints:
        """What the manager reports, from what can be seen on that day."""
        p, draws, society = self._office.preset.alert, self._office.draws, self._office.society
        group, key = self._group[case], self._keys(case)
        met = self._since[CONTACTED, case] < NOT_YET
        acted = self._since[ACTED, case] < NOT_YET
        gone = society.rivalry.moved[group] & (society.rivalry.transfer_day[group] < at // DAY)
        sees_loss = draws.happens("case.sees_loss", p.sees_loss, key, at)
        sees_rival = draws.happens("case.sees_rival", p.sees_rival, key, at)
        contracts = np.array([a in self._office.preset.treatment.lock_gain for a in self._actions])
        signed = acted & contracts[self._action[case]] & society.treatments.accepted[group]
        return np.select(
            [
                ~met,
                gone & sees_loss,
                signed,
                (society.rivalry.before[group] == INTENT) & sees_rival,
                acted,
            ],
            [UNREACHABLE, LOST, SIGNED, RIVAL, KEPT],
            NO_RISK,
        )

    def _verify(self, case: Ints, at: Ints) -> Ints:
        """What the data say about a case when it is closed."""
        p, draws = self._office.preset.alert, self._office.draws
        rivalry = self._office.society.rivalry
        group, key = self._group[case], self._keys(case)
        left = rivalry.transfer_day[group]
        gone = rivalry.moved[group] & (left <= at // DAY - p.verify_lag_days)
        chance = np.where(gone, p.verify_sees, p.verify_errs)
        shows = draws.happens("case.verify", chance, key)
        before = gone & (left <= self._begun[case] // DAY)
        return np.where(shows, np.where(before, MISSED, CONFIRMED), FALSE_ALARM)

    def _end(self, case: Ints, at: Ints) -> None:
        self._since[CLOSED, case], self._planned[:, case] = at, NOT_YET
        group = self._group[case]
        self._open[group[self._open[group] == case]] = -1

    def _keys(self, case: Ints) -> Ints:
        """What the random numbers of a case hang on: its group and the day it began."""
        return self._group[case] * (1 << 20) + self._begun[case] // DAY

    def _send(self, case: Ints, at: Ints, op: str) -> None:
        if not len(case):
            return
        office, county = self._office, self._office.society.groups.county
        group, given = self._group[case], self._since[DISPATCHED, case] < NOT_YET
        days = self._begun[case] // DAY
        rows = {
            "case_id": [
                f"A{county:03d}{day:05d}{g + 1:05d}"
                for day, g in zip(days.tolist(), group.tolist(), strict=True)
            ],
            "score_batch_id": [self._batch[c] for c in case.tolist()],
            "group_id": office.groups(group),
            "level": pick(LEVELS, self._level[case]),
            "model_version": RULES,
            "top_drivers": [self._drivers[c] for c in case.tolist()],
            "dispatched_to": self._staff.ids(self._handler[case]),
            "dispatched_time": self._moment(DISPATCHED, case),
            "due_time": moments(self._due[case], given),
            "first_contact_time": self._moment(CONTACTED, case),
            "action_code": pick(self._actions, self._action[case]),
            "action_time": self._moment(ACTED, case),
            "feedback": pick(FEEDBACK, self._feedback[case]),
            "feedback_time": self._moment(FED_BACK, case),
            "verify_result": pick(VERIFIED, self._verdict[case]),
            "closed_time": self._moment(CLOSED, case),
            "escalated_to": self._staff.ids(self._chief[case]),
            "is_holdout": self._held[case],
        }
        law = office.preset.delivery.reference
        load = load_times(office.draws, "alert_case", law, self._keys(case), at // DAY, at)
        office.send("alert_case", rows, at, self._in_order.settle(case, load), op, "CRM")

    def _moment(self, step: int, case: Ints) -> Cells:
        at = self._since[step, case]
        return moments(at, at < NOT_YET)
