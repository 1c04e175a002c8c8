"""product_holding, first half: products that groups hold, and their points agreements."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulator.agreements import LIVE, RENEWED
from simulator.cells import Cells, dates
from simulator.dekads import NEVER, Dekad, Month
from simulator.draws import Flags, Floats, Ints
from simulator.office import InOrder, Office, midnight
from simulator.parameters import Shares
from simulator.society import Happenings
from simulator.tables.lines import Lines

PRODUCTS = (
    "group_crbt",
    "mas",
    "adc_sms",
    "adc_stock",
    "adc_vehicle",
    "adc_bank",
    "adc_city",
    "power100_comm",
    "power100_mkt",
    "power100_office",
    "corp_mail",
    "oa",
    "school_msg",
    "police_msg",
    "m2m",
    "blackberry",
    "wireless_desk",
)
PAID_BY_MEMBERS = ("school_msg",)
POINTS = "vnet_points"


class Products:
    """Sends a holding when it starts and again when it ends.

    ``held`` and ``items`` have a row for each group and a column for each of ``PRODUCTS``; an item
    is a seat, a terminal, a SIM or, of school messages, a subscriber. ``lines`` are apart.
    """

    def __init__(self, office: Office) -> None:
        self._office = office
        groups = office.society.groups
        self.lines = Lines(office)
        self._in_order = {name: InOrder() for name in (POINTS, *PRODUCTS)}
        self._share = self._first_shares()
        self._launch = np.array([_launch_month(office, name) for name in PRODUCTS])
        self.held = np.zeros((groups.count, len(PRODUCTS)), dtype=bool)
        self.items = np.zeros_like(self.held, dtype=np.int64)
        self._serial = np.zeros_like(self.held, dtype=np.int64)
        self._since = np.zeros_like(self.held, dtype=np.int64)

    def begin(self) -> None:
        """Send what groups hold on the first day."""
        office = self._office
        start, p = office.society.start, office.preset.product
        wanted = self._wanted(0)
        for n, name in enumerate(PRODUCTS):
            groups = office.society.groups.index
            some = groups[office.draws.happens(f"product.{name}", wanted[:, n], groups)]
            age = office.draws.whole(f"product.{name}.age", *p.age_days, some)
            self._start(n, some, start - age, office.first_load(some))
        for news in office.society.first_points:
            open_end = np.full(len(news.who), NEVER)
            load = office.first_load(news.who)
            self._points(news.who, news.serial, news.signed, open_end, load, "I")
        self.lines.begin()

    def dekad(self, happenings: Happenings, dekad: Dekad) -> None:
        """Send points agreements as they change, other products by the month."""
        self._send_points(happenings)
        if dekad.index % 3 == 0:
            self._turn_over(dekad)
            self.lines.advance(dekad)

    def month(self, month: Month) -> None:
        """Holdings are sent as they change."""

    def close(self, groups: Ints, day: Ints) -> None:
        """End every product of groups whose status has become lost."""
        for n in range(len(PRODUCTS)):
            holds = self.held[groups, n]
            self._end(n, groups[holds], day[holds])
        self.lines.close(groups, day)

    def any_held(self) -> Flags:
        """Which groups hold a product of their own, or a line in use."""
        held: Flags = self.held.any(axis=1) | self.lines.in_use
        return held

    def _first_shares(self) -> Floats:
        """Chance that each group holds each product on the first day, had it been on sale."""
        p, groups = self._office.preset.product, self._office.society.groups
        shares = np.zeros((groups.count, len(PRODUCTS)))
        industry = np.array(groups.industry)
        tables: tuple[tuple[Shares, Shares, Flags], ...] = (
            (p.ab, p.ab_industry, groups.tier < 2),
            (p.c, p.c_industry, groups.tier == 2),
        )
        for general, special, chosen in tables:
            for name, share in general.items():
                shares[chosen, PRODUCTS.index(name)] = share
            for entry, share in special.items():
                where, _, name = entry.partition(".")
                there = chosen & (industry == where)
                some = share * chosen.sum() / max(there.sum(), 1)
                shares[there, PRODUCTS.index(name)] = some
        for n, name in enumerate(PRODUCTS):
            if name.startswith("power100"):
                shares[groups.size < p.power100_size, n] = 0.0
        return shares

    def _wanted(self, month: int) -> Floats:
        """Share of groups that hold each product by the world's months passed, on the long run."""
        p = self._office.preset.product
        grown = np.minimum(self._share * (1.0 + p.growth) ** month, p.most)
        on_sale = np.maximum(month - self._launch, 0)
        taken_up = np.where(self._launch >= 0, 1.0 - (1.0 - p.take_up) ** on_sale, 1.0)
        return np.asarray(grown * taken_up)

    def _turn_over(self, dekad: Dekad) -> None:
        """Some products end each month; as many and more start, so that holdings grow."""
        office, groups = self._office, self._office.society.groups
        stays, ends = ~office.society.rivalry.moved, office.preset.product.ends
        before, after = (self._wanted(dekad.month.index + step) for step in (0, 1))
        starts = np.clip((after - before * (1.0 - ends)) / np.maximum(1.0 - before, 1e-9), 0, 1)
        starts = np.where(self._share > 0, starts, 0.0)
        for n, name in enumerate(PRODUCTS):
            held, draws = self.held[:, n], office.draws
            hazard = np.where(held, ends, starts[:, n])
            turns = draws.happens(f"product.{name}.turn", hazard, groups.index, dekad.index)
            ending = groups.index[turns & held & (self._since[:, n] < dekad.first)]
            starting = groups.index[turns & ~held & stays]
            self._end(n, ending, dekad.day(draws, f"product.{name}.end", ending))
            day = dekad.day(draws, f"product.{name}.start", starting)
            self._start(n, starting, day, office.load("product_holding", starting, day, day + n))

    def _start(self, product: int, groups: Ints, day: Ints, load: Ints) -> None:
        self.held[groups, product] = True
        self._serial[groups, product] += 1
        self._since[groups, product] = day
        self.items[groups, product] = self._count(product, groups)
        self._send_group(product, groups, np.full(len(groups), NEVER), load, "I")

    def _count(self, product: int, groups: Ints) -> Ints:
        """How many items each group orders, by its members or as it likes."""
        office, p, name = self._office, self._office.preset.product, PRODUCTS[product]
        serial = self._serial[groups, product]
        if name in p.per_member:
            members = office.society.members
            here = np.bincount(members.group, members.here, office.society.groups.count)[groups]
            wanted = p.per_member[name] * here
        else:
            z = office.draws.normal(f"product.{name}.items", groups, serial)
            wanted = p.per_group[name] * np.exp(p.items_sigma * z - p.items_sigma**2 / 2)
        items: Ints = np.maximum(np.rint(wanted), 1).astype(np.int64)
        return items

    def _end(self, product: int, groups: Ints, day: Ints) -> None:
        self.held[groups, product] = False
        load = self._office.load("product_holding", groups, day, day + 100 + product)
        self._send_group(product, groups, day, load, "U")

    def _send_group(self, product: int, groups: Ints, until: Ints, load: Ints, op: str) -> None:
        if not len(groups):
            return
        office, name = self._office, PRODUCTS[product]
        since, items = self._since[groups, product], self.items[groups, product]
        serials = pa.array(self._serial[groups, product].astype(str))
        rows = {
            "holding_id": pc.binary_join_element_wise(office.groups(groups), serials, f"-{name}-"),
            "qty": items,
            "monthly_fee_fen": items * round(office.preset.product.fee[name]),
            "payer": "member" if name in PAID_BY_MEMBERS else "group",
        }
        self._send(name, groups, rows, since, until, load, op)

    def _send_points(self, happenings: Happenings) -> None:
        office = self._office
        for news in happenings.points:
            if not len(news.who) or news.status == RENEWED:
                continue
            load = office.load(
                "product_holding", news.who, news.since, news.serial * 4 + news.status
            )
            live = news.status == LIVE
            until = np.full(len(news.who), NEVER) if live else news.since
            self._points(news.who, news.serial, news.signed, until, load, "I" if live else "U")

    def _points(
        self, groups: Ints, serial: Ints, since: Ints, until: Ints, load: Ints, op: str
    ) -> None:
        """Points agreements; as many items as they bind members."""
        office, members = self._office, self._office.society.members
        bound = np.bincount(members.group, members.here, office.society.groups.count)
        rows: dict[str, Cells] = {
            "holding_id": pc.binary_join_element_wise(
                office.groups(groups), pa.array(serial.astype(str)), "-N"
            ),
            "qty": bound[groups].astype(np.int64),
            "monthly_fee_fen": round(office.preset.product.fee[POINTS]),
            "payer": "group",
        }
        self._send(POINTS, groups, rows, since, until, load, op)

    def _send(
        self,
        name: str,
        groups: Ints,
        rows: dict[str, Cells],
        since: Ints,
        until: Ints,
        load: Ints,
        op: str,
    ) -> None:
        rows |= {
            "group_id": self._office.groups(groups),
            "product": name,
            "plan_id": name,
            "valid_from": dates(since),
            "valid_to": dates(np.maximum(until, since + 1)),
        }
        load = self._in_order[name].settle(groups, load)
        self._office.send("product_holding", rows, midnight(since), load, op)


def _launch_month(office: Office, product: str) -> int:
    """Months from the world's start until a product comes on sale; below 0 if it was before."""
    launched = office.preset.product.launched
    if product not in launched:
        return -1
    year, month = divmod(round(launched[product]), 100)
    start = int(np.datetime64(office.preset.world.start, "M").astype(np.int64))
    return (year - 1970) * 12 + month - 1 - start
