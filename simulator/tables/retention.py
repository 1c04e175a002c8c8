"""campaign and treatment: the operator's own retention, and who was chosen for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.cells import dates, known, moments, pick
from simulator.dekads import Dekad, Month
from simulator.delays import DAY, end_of, load_times, office_hours
from simulator.desk import Desk
from simulator.draws import Flags, Ints
from simulator.office import Office, midnight
from simulator.retention import ARMS, CHOOSERS, SMALL, TREAT, Choices, Retention
from simulator.society import Happenings
from simulator.tables.cases import Cases
from simulator.tables.staff import Staff
from simulator.treatments import Assignments

FEN = 100
"""In a yuan."""


@dataclass(frozen=True)
class Doing:
    """Treatments that are under way: chosen at ``chosen``, done at ``done``."""

    choices: Choices
    chosen: int
    done: Ints
    step: int


class Treated:
    """Sends each choice when it is made, and what became of a treatment when it was done."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._under_way: list[Doing] = []

    def choose(self, choices: Choices, dekad: Dekad) -> Doing:
        """Send choices at the end of a dekad; returns those that are treatments."""
        moment = int(end_of(np.array(dekad.last)))
        everyone = Doing(choices, moment, np.full(len(choices.group), moment), dekad.index)
        costs = known(np.zeros(len(choices.group), dtype=np.int64), choices.arm != TREAT)
        self._send(everyone, {"delivered": False, "cost_fen": costs}, "I")
        some = choices.pick(choices.arm == TREAT)
        low, high = self._office.preset.treatment.done_days
        draws, step = self._office.draws, dekad.index
        day = dekad.last + draws.whole("treatment.done", low, high, some.group, step)
        done = office_hours(draws, "treatment.done", some.group, day)
        doing = Doing(some, moment, done, step)
        self._under_way.append(doing)
        return doing

    def dekad(self, dekad: Dekad) -> None:
        """Send what became of the treatments that were done in a dekad."""
        end = int(end_of(np.array(dekad.last)))
        waiting = []
        for doing in self._under_way:
            now = doing.done <= end
            self._finish(_part(doing, now))
            if not now.all():
                waiting.append(_part(doing, ~now))
        self._under_way = waiting

    def _finish(self, doing: Doing) -> None:
        group = doing.choices.group
        if not len(group):
            return
        p, draws, society = self._office.preset.treatment, self._office.draws, self._office.society
        rivalry, reached = society.rivalry, doing.choices.reached
        left = rivalry.moved[group] & (rivalry.transfer_day[group] < doing.done // DAY)
        accepted = reached & society.treatments.accepted[group] & ~left
        told = ~draws.happens("treatment.untold", p.accepted_unknown, group, doing.step)
        price = np.array([p.cost_yuan[name] for name in doing.choices.action]) * FEN
        cost = np.rint(price * np.where(accepted, 1.0, p.refused_cost) * reached)
        rows = {
            "delivered": reached,
            "accepted": known(accepted, reached & told),
            "cost_fen": cost.astype(np.int64),
        }
        self._send(doing, rows, "U")

    def _send(self, doing: Doing, what: dict[str, object], op: str) -> None:
        office, choices = self._office, doing.choices
        county, group = office.society.groups.county, choices.group
        day = doing.chosen // DAY
        rows = {
            "treatment_id": [f"T{county:03d}{day:05d}{g + 1:05d}" for g in group.tolist()],
            "campaign_id": [campaign_id(county, day, name) for name in choices.action],
            "group_id": office.groups(group),
            "assign_time": moments(np.full(len(group), doing.chosen)),
            "arm": pick(ARMS, choices.arm),
            "propensity": choices.chance,
            "assigned_by": pick(CHOOSERS, choices.chooser),
            **what,
        }
        law = office.preset.delivery.reference
        load = load_times(office.draws, "treatment", law, group, doing.done // DAY, doing.done)
        office.send("treatment", rows, doing.done, load, op)


class Budgets:
    """Sends the campaigns of a quarter, one for each action, some days before it begins."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def begin(self) -> None:
        """Send the campaigns of the quarter in which the world starts."""
        start = self._office.society.start
        self._announce(_quarter(start), start - 1)

    def dekad(self, dekad: Dekad) -> None:
        """Send the campaigns of the next quarter in the last month of this one."""
        following = dekad.month.last + 1
        if _quarter(following) == following and dekad.index % 3 == 1:
            self._announce(following, dekad.last)

    def _announce(self, first: int, day: int) -> None:
        office, p = self._office, self._office.preset.treatment
        end = _months_later(first, 3)
        if not _months_later(office.society.start, p.from_month - 1) < end or not active(office):
            return
        names, small = p.actions(), office.society.groups.tier == SMALL
        planned = [
            p.planned
            * p.cost_yuan[name]
            * (p.mix_c.get(name, 0.0) * small.sum() + p.mix_ab.get(name, 0.0) * (~small).sum())
            for name in names
        ]
        rows = {
            "campaign_id": [campaign_id(office.society.groups.county, first, n) for n in names],
            "action_code": names,
            "start_date": dates(np.full(len(names), first)),
            "end_date": dates(np.full(len(names), end)),
            "budget_fen": (np.rint(planned) * FEN).astype(np.int64),
        }
        days = np.full(len(names), day)
        law, order = office.preset.delivery.reference, np.arange(len(names))
        load = load_times(office.draws, "campaign", law, order, days, first)
        office.send("campaign", rows, midnight(days), load)


class Practice:
    """The operator's retention, as a reporter, and ``decide`` at the end of each dekad."""

    def __init__(self, office: Office, staff: Staff, desk: Desk) -> None:
        society = office.society
        self._desk = desk
        self._policy = Retention(office.preset, office.draws, society.groups)
        self._cases, self._treated = Cases(office, staff), Treated(office)
        self._budgets = Budgets(office)

    def begin(self) -> None:
        """Announce the first campaigns."""
        self._budgets.begin()

    def dekad(self, happenings: Happenings, dekad: Dekad) -> None:
        """Let treatments be done and cases go on, and send what became of them."""
        self._desk.note(happenings.contracts)
        self._budgets.dekad(dekad)
        self._treated.dekad(dekad)
        self._cases.dekad(dekad)

    def month(self, month: Month) -> None:
        """Everything is sent dekad by dekad."""

    def decide(self, dekad: Dekad) -> Assignments:
        """Open cases and choose whom to treat, when all that a dekad brings has been reported."""
        opened, choices = self._policy.decide(self._desk.known(dekad), dekad)
        self._cases.open(opened, dekad)
        doing = self._treated.choose(choices, dekad)
        reached = doing.choices.reached
        treated = doing.choices.pick(reached)
        self._cases.act(treated.group, treated.action, doing.done[reached])
        return treated.assigned()


def campaign_id(county: int, day: int, action: str) -> str:
    """The key of the campaign that offers an action on a day."""
    month = np.datetime64(_quarter(day), "D").astype("datetime64[M]")
    year, quarter = divmod(int(month.astype(np.int64)), 12)
    return f"K{county:03d}-{1970 + year}Q{quarter // 3 + 1}-{action}"


def active(office: Office) -> bool:
    """Whether the operator treats anybody at all."""
    p = office.preset.treatment
    return p.from_month > 0 and (p.logged > 0 or p.random > 0)


def _quarter(day: int) -> int:
    """The first day of the quarter of a day."""
    month = int(np.datetime64(day, "D").astype("datetime64[M]").astype(np.int64))
    return _months_later(day, -(month % 3))


def _months_later(day: int, count: int) -> int:
    """The first day of the month that is some months after that of a day."""
    month = np.datetime64(day, "D").astype("datetime64[M]") + count
    return int(month.astype("datetime64[D]").astype(np.int64))


def _part(doing: Doing, flags: Flags) -> Doing:
    return Doing(doing.choices.pick(flags), doing.chosen, doing.done[flags], doing.step)
