"""Dedicated lines: planned, prelaid, connected and at last delivered (专线预埋)."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulator.cells import dates, moments, pick
from simulator.dekads import NEVER, Dekad
from simulator.delays import office_hours
from simulator.draws import Flags, Ints
from simulator.office import InOrder, Office, midnight

LINE = "dedicated_line"
STAGES = ("planned", "prelaid", "connected", "delivered")
NONE, PLANNED, DELIVERED = -1, 0, 3


class Lines:
    """Sends the line of a group when it goes on the plan, at every stage, and when it ends.

    ``stage`` is the place in ``STAGES`` of each group's line, -1 where it has none.
    """

    def __init__(self, office: Office) -> None:
        self._office = office
        count = office.society.groups.count
        self.stage = np.full(count, NONE)
        self._since = np.zeros(count, dtype=np.int64)
        self._reached = np.zeros(count, dtype=np.int64)
        self._in_order = InOrder()

    @property
    def in_use(self) -> Flags:
        """Which groups have a line that carries traffic."""
        used: Flags = self.stage == DELIVERED
        return used

    def begin(self) -> None:
        """Send the lines that have been in use since before the first day."""
        office, p = self._office, self._office.preset.product
        groups = office.society.groups
        had = office.draws.happens("line.before", p.line_before.at(groups.tier), groups.index)
        some = groups.index[had]
        day = office.society.start - office.draws.whole("line.age", *p.age_days, some)
        self.stage[some], self._since[some], self._reached[some] = DELIVERED, day, day
        self._send(some, np.full(len(some), NEVER), office.first_load(some), "I")

    def advance(self, dekad: Dekad) -> None:
        """Once a month: lines move on by a stage; in January new ones go on the plan."""
        office, groups = self._office, self._office.society.groups
        draws, p = office.draws, office.preset.product
        open_to_it = ~office.society.rivalry.moved
        under_way = (self.stage >= PLANNED) & (self.stage < DELIVERED) & open_to_it
        chance = np.array([*p.line_steps, 0.0])[np.maximum(self.stage, PLANNED)]
        moves = under_way & draws.happens("line.step", chance, groups.index, dekad.index)
        wanted = np.where(self.stage == NONE, p.line_planned.at(groups.tier), 0.0)
        planned = open_to_it & draws.happens("line.plan", wanted, groups.index, dekad.index)
        self._move_on(groups.index[moves], dekad)
        if dekad.month.number == 1 and self._on_sale(dekad):
            self._plan(groups.index[planned], dekad)

    def close(self, groups: Ints, day: Ints) -> None:
        """Take up the lines of groups whose status has become lost."""
        had = self.stage[groups] >= PLANNED
        some, day = groups[had], day[had]
        load = self._office.load("product_holding", some, day, day)
        self._send(some, day, load, "U")
        self.stage[some] = NONE

    def _on_sale(self, dekad: Dekad) -> bool:
        return int(dekad.month.code) >= self._office.preset.product.launched.get(LINE, 0)

    def _plan(self, some: Ints, dekad: Dekad) -> None:
        day = dekad.day(self._office.draws, "line.plan.day", some)
        self.stage[some], self._since[some], self._reached[some] = PLANNED, day, day
        load = self._office.load("product_holding", some, day, dekad.index)
        self._send(some, np.full(len(some), NEVER), load, "I")

    def _move_on(self, some: Ints, dekad: Dekad) -> None:
        day = dekad.day(self._office.draws, "line.step.day", some)
        self.stage[some] += 1
        self._reached[some] = day
        load = self._office.load("product_holding", some, day, dekad.index)
        self._send(some, np.full(len(some), NEVER), load, "U")

    def _send(self, groups: Ints, until: Ints, load: Ints, op: str) -> None:
        if not len(groups):
            return
        office, since = self._office, self._since[groups]
        stage, reached = self.stage[groups], self._reached[groups]
        serials = pa.array(since.astype(str))
        fee = round(office.preset.product.fee[LINE])
        rows = {
            "holding_id": pc.binary_join_element_wise(office.groups(groups), serials, f"-{LINE}-"),
            "group_id": office.groups(groups),
            "product": LINE,
            "plan_id": LINE,
            "qty": 1,
            "valid_from": dates(since),
            "valid_to": dates(np.maximum(until, since + 1)),
            "monthly_fee_fen": np.where(stage == DELIVERED, fee, 0),
            "payer": "group",
            "stage": pick(STAGES, stage),
            "stage_time": moments(office_hours(office.draws, "line.stage", groups, reached)),
        }
        load = self._in_order.settle(groups, load)
        office.send("product_holding", rows, midnight(since), load, op)
