"""product_holding, first half: products that groups hold."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulator import draws as random
from simulator.agreements import LIVE, RENEWED
from simulator.cells import dates, moments
from simulator.dekads import NEVER, Dekad, Month
from simulator.draws import Ints
from simulator.office import InOrder, Office, midnight
from simulator.society import Happenings

PRODUCTS = (
    "group_crbt",
    "mas",
    "adc_sms",
    "dedicated_line",
    "power100_comm",
    "corp_mail",
    "oa",
    "school_msg",
    "police_msg",
)
FEES = (30_000, 80_000, 50_000, 150_000, 40_000, 10_000, 60_000, 100_000, 90_000)

POINTS = "vnet_points"


class Products:
    """Sends a holding when it starts and again when it ends."""

    def __init__(self, office: Office) -> None:
        self._office = office
        groups = office.society.groups
        self._in_order = {name: InOrder() for name in (POINTS, *PRODUCTS)}
        self._share = self._shares()
        self.held = np.zeros((groups.count, len(PRODUCTS)), dtype=bool)
        self._serial = np.zeros_like(self.held, dtype=np.int64)
        self._since = np.zeros_like(self.held, dtype=np.int64)

    def begin(self) -> None:
        """Send what groups hold on the first day."""
        office = self._office
        start = office.society.start
        for p in range(len(PRODUCTS)):
            groups = office.society.groups.index
            holds = office.draws.happens(f"product.{PRODUCTS[p]}", self._share[:, p], groups)
            some = groups[holds]
            age = office.draws.whole(f"product.{PRODUCTS[p]}.age", 30, 700, some)
            self._start(p, some, start - age, office.first_load(some))
        for news in office.society.first_points:
            self._points(
                news.who,
                news.serial,
                news.signed,
                np.full(len(news.who), NEVER),
                office.first_load(news.who),
                "I",
            )

    def dekad(self, happenings: Happenings, dekad: Dekad) -> None:
        """Send points agreements as they change, other products by the month."""
        self._send_points(happenings)
        if dekad.index % 3 == 0:
            self._turn_over(dekad)

    def month(self, month: Month) -> None:
        """Holdings are sent as they change."""

    def close(self, groups: Ints, day: Ints) -> None:
        """End every group product of groups whose status has become lost."""
        for p in range(len(PRODUCTS)):
            holds = self.held[groups, p]
            self._end(p, groups[holds], day[holds])

    def _shares(self) -> np.ndarray:
        p, groups = self._office.preset.product, self._office.society.groups
        shares = np.zeros((groups.count, len(PRODUCTS)))
        for table, chosen in ((p.ab, groups.tier < 2), (p.c, groups.tier == 2)):
            names, weights = random.weights(table)
            for name, weight in zip(names, weights, strict=True):
                shares[chosen, PRODUCTS.index(name)] = weight
        for name, industry in (("school_msg", "education"), ("police_msg", "police")):
            there = np.array([i == industry for i in groups.industry])
            shares[there, PRODUCTS.index(name)] = 0.8
        return shares

    def _turn_over(self, dekad: Dekad) -> None:
        """A few products end each month, and as many start elsewhere."""
        office, groups = self._office, self._office.society.groups
        stays = ~office.society.rivalry.moved
        ends = office.preset.product.ends
        for p, name in enumerate(PRODUCTS):
            share = self._share[:, p]
            starts = ends * share / np.maximum(1.0 - share, 0.1)
            hazard = np.where(self.held[:, p], ends, starts)
            turns = office.draws.happens(f"product.{name}.turn", hazard, groups.index, dekad.index)
            ending = groups.index[turns & self.held[:, p] & (self._since[:, p] < dekad.first)]
            starting = groups.index[turns & ~self.held[:, p] & stays]
            self._end(p, ending, dekad.day(office.draws, f"product.{name}.end", ending))
            day = dekad.day(office.draws, f"product.{name}.start", starting)
            self._start(p, starting, day, office.load("product_holding", starting, day, day + p))

    def _start(self, product: int, groups: Ints, day: Ints, load: Ints) -> None:
        self.held[groups, product] = True
        self._serial[groups, product] += 1
        self._since[groups, product] = day
        self._send_group(product, groups, np.full(len(groups), NEVER), load, "I")

    def _end(self, product: int, groups: Ints, day: Ints) -> None:
        self.held[groups, product] = False
        load = self._office.load("product_holding", groups, day, day + 100 + product)
        self._send_group(product, groups, day, load, "U")

    def _send_group(self, product: int, groups: Ints, until: Ints, load: Ints, op: str) -> None:
        if not len(groups):
            return
        office, name = self._office, PRODUCTS[product]
        load = self._in_order[name].settle(groups, load)
        since = self._since[groups, product]
        serials = pa.array(self._serial[groups, product].astype(str))
        line = name == "dedicated_line"
        rows = {
            "holding_id": pc.binary_join_element_wise(office.groups(groups), serials, f"-{name}-"),
            "group_id": office.groups(groups),
            "product": name,
            "plan_id": name,
            "qty": 1,
            "valid_from": dates(since),
            "valid_to": dates(np.maximum(until, since + 1)),
            "monthly_fee_fen": FEES[product],
            "payer": "group",
            "stage": "delivered" if line else None,
            "stage_time": moments(midnight(since)) if line else None,
        }
        office.send("product_holding", rows, midnight(since), load, op)

    def _send_points(self, happenings: Happenings) -> None:
        office = self._office
        for news in happenings.points:
            if not len(news.who) or news.status == RENEWED:
                continue
            step = news.serial * 4 + news.status
            load = office.load("product_holding", news.who, news.since, step)
            self._points(
                news.who,
                news.serial,
                news.signed,
                np.full(len(news.who), NEVER) if news.status == LIVE else news.since,
                load,
                "I" if news.status == LIVE else "U",
            )

    def _points(
        self, groups: Ints, serial: Ints, since: Ints, until: Ints, load: Ints, op: str
    ) -> None:
        office = self._office
        ids = office.groups(groups)
        rows = {
            "holding_id": pc.binary_join_element_wise(ids, pa.array(serial.astype(str)), "-N"),
            "group_id": ids,
            "product": POINTS,
            "plan_id": POINTS,
            "qty": 1,
            "valid_from": dates(since),
            "valid_to": dates(np.maximum(until, since + 1)),
            "monthly_fee_fen": 0,
            "payer": "group",
        }
        load = self._in_order[POINTS].settle(groups, load)
        office.send("product_holding", rows, midnight(since), load, op)
