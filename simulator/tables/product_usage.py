"""product_usage_month: how much groups really use their products, and what they bring in."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from simulator.cells import known
from simulator.dekads import Dekad, Month
from simulator.delays import end_of
from simulator.draws import Floats, Ints
from simulator.office import Office
from simulator.society import Happenings
from simulator.tables.books import on_books
from simulator.tables.lines import LINE
from simulator.tables.products import PRODUCTS, Products

SHORT_SMS = "short_sms"
FIXED = (LINE, "wireless_desk")


class MonthOfUse(Protocol):
    """What members did in the last finished month; the reporter of usage knows."""

    vnet_over_30: float
    short_effective: float


class ProductUsage:
    """Sends the usage and revenue of each group's products after each month's end.

    ``revenue`` holds what each product (of ``names``) brought in last month, group by group, in
    fen.
    """

    names = (*PRODUCTS, LINE, SHORT_SMS)

    def __init__(self, office: Office, products: Products, use: MonthOfUse) -> None:
        self._office, self._products, self._use = office, products, use
        groups = office.society.groups
        self.revenue = np.zeros((groups.count, len(self.names)), dtype=np.int64)

    def begin(self) -> None:
        """Charge what is held on the first day, so that a first plan can be made of it."""
        start, items = self._office.society.start, self._items()
        self._charge(items, self._volumes(self._active(items, start, 0), 0))

    def dekad(self, happenings: Happenings, dekad: Dekad) -> None:
        """Products are charged by the month."""

    def month(self, month: Month) -> None:
        """Send a row for each group and product held at the month's end."""
        office = self._office
        items = self._items()
        active = self._active(items, month.last, month.index)
        volume = self._volumes(active, month.index)
        self._charge(items, volume)
        for n, name in enumerate(self.names):
            some = np.flatnonzero(items[:, n])
            last = np.full(len(some), month.last)
            counted = np.full(len(some), name in office.preset.product.volume)
            rows = {
                "group_id": office.groups(some),
                "product": name,
                "month": month.code,
                "active_members": active[some, n],
                "volume": known(volume[some, n], counted),
                "revenue_fen": self.revenue[some, n],
            }
            load = office.load("product_usage_month", some, last, month.index * 32 + n)
            office.send("product_usage_month", rows, end_of(last), load, source="BILL")

    def total(self, names: tuple[str, ...]) -> int:
        """What some products brought in last month in the whole county, in fen."""
        return int(self.revenue[:, [self.names.index(name) for name in names]].sum())

    def fixed_revenue(self) -> Ints:
        """What each group paid last month for lines and desk telephones, in fen."""
        columns = [self.names.index(name) for name in FIXED]
        return np.asarray(self.revenue[:, columns].sum(axis=1), dtype=np.int64)

    def _items(self) -> Ints:
        """Items that each group holds of each product now."""
        society, products = self._office.society, self._products
        members = society.members
        subscribed = members.short_sms & members.here
        short = np.bincount(members.group, subscribed, society.groups.count)
        held = np.where(products.held, products.items, 0)
        columns = (held, products.lines.in_use[:, None], short[:, None])
        return np.concatenate(columns, axis=1).astype(np.int64)

    def _active(self, items: Ints, day: int, month: int) -> Ints:
        """Items in use: a persistent share of them, and no more than there are people for."""
        p, society = self._office.preset.product, self._office.society
        people = np.bincount(
            society.members.group, on_books(self._office, day), society.groups.count
        )
        active = np.zeros_like(items)
        for n, name in enumerate(self.names):
            there = items[:, n]
            if name in p.per_member:
                there = np.minimum(there, np.ceil(p.per_member[name] * people).astype(np.int64))
            # Before the first month nobody has sent a message that could be counted.
            sent = float(np.nan_to_num(self._use.short_effective))
            share = sent if name == SHORT_SMS else p.effective[name]
            if share < 1.0:
                there = self._part(name, there, share, month)
            active[:, n] = there
        return active

    def _part(self, name: str, there: Ints, share: float, month: int) -> Ints:
        """About a share of the items of each group, the same ones more or less every month."""
        p, draws = self._office.preset.product, self._office.draws
        groups = np.arange(len(there))
        own = p.effective_sigma * draws.normal(f"product.{name}.effective", groups)
        now = p.effective_sigma_month * draws.normal(
            f"product.{name}.effective.month", groups, month
        )
        centred = own + now - (p.effective_sigma**2 + p.effective_sigma_month**2) / 2
        level = np.minimum(share * np.exp(centred), 1.0)
        odd = draws.uniform(f"product.{name}.effective.odd", groups, month)
        return np.minimum(np.floor(there * level + odd), there).astype(np.int64)

    def _volumes(self, active: Ints, month: int) -> Ints:
        """Messages, KB or minutes of the items in use; some groups use far more than others."""
        p, draws = self._office.preset.product, self._office.draws
        groups = np.arange(len(active))
        volume = np.zeros_like(active)
        for n, name in enumerate(self.names):
            if name not in p.volume:
                continue
            own = p.volume_sigma * draws.normal(f"product.{name}.volume", groups)
            now = p.volume_sigma_month * draws.normal(f"product.{name}.volume.month", groups, month)
            centred = own + now - (p.volume_sigma**2 + p.volume_sigma_month**2) / 2
            volume[:, n] = np.rint(p.volume[name] * active[:, n] * np.exp(centred))
        return volume

    def _charge(self, items: Ints, volume: Ints) -> None:
        fees, prices = self._rates()
        self.revenue = items * fees + np.rint(volume * prices).astype(np.int64)

    def _rates(self) -> tuple[Ints, Floats]:
        p = self._office.preset.product
        fees = np.array([round(p.fee[name]) for name in self.names])
        return fees, np.array([p.price.get(name, 0.0) for name in self.names])
