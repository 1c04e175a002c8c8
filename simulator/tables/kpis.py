"""kpi_target and kpi_actual: what a county is asked for in a year, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.cells import dates
from simulator.dekads import Dekad, Month
from simulator.delays import end_of
from simulator.draws import Flags, Ints
from simulator.members import KEY_MEMBER
from simulator.office import Office, midnight
from simulator.society import Happenings
from simulator.tables.areas import county_id
from simulator.tables.books import on_books
from simulator.tables.groups import Groups
from simulator.tables.product_usage import MonthOfUse, ProductUsage
from simulator.tables.products import PRODUCTS
from simulator.tables.snapshots import Snapshots

FEN = 100
PERCENT = 100


@dataclass(frozen=True)
class Rate:
    """A rate in per cent with its parts, which only the operator's usage system knows of some."""

    value: float
    num: float | None = None
    den: float | None = None


class Kpis:
    """Sends the plan of a year when it begins and each month where the county stands.

    Rates say how things stand at the month's end, revenue how much came in since January.
    Everything is as the operator's own books have it, which learn of losses late.
    """

    def __init__(
        self,
        office: Office,
        groups: Groups,
        snapshots: Snapshots,
        products: ProductUsage,
        use: MonthOfUse,
    ) -> None:
        self._office, self._groups, self._snapshots = office, groups, snapshots
        self._products, self._use = products, use
        ict = office.preset.product.ict
        self._money = {
            "ict_revenue": tuple(name for name in products.names if ict.get(name)),
            "adc_revenue": tuple(name for name in PRODUCTS if name.startswith("adc_")),
            "mas_revenue": ("mas",),
        }
        self._earned = dict.fromkeys(self._money, 0)

    def begin(self) -> None:
        """Plan the first year; what it earned before the first day is taken at that day's rate."""
        year, month = (int(part) for part in self._office.preset.world.start.split("-"))
        rate = {code: self._products.total(names) for code, names in self._money.items()}
        self._plan(year, {code: 12 * fen for code, fen in rate.items()}, None)
        self._earned = {code: (month - 1) * fen for code, fen in rate.items()}

    def dekad(self, happenings: Happenings, dekad: Dekad) -> None:
        """KPIs are measured by the month."""

    def month(self, month: Month) -> None:
        """Measure a month; at the year's end plan the next one."""
        for code, names in self._money.items():
            self._earned[code] += self._products.total(names)
        self._measure(month)
        if month.number == 12:
            self._plan(int(month.code[:4]) + 1, self._earned, month)
            self._earned = dict.fromkeys(self._money, 0)

    def _plan(self, year: int, last_year: dict[str, int], month: Month | None) -> None:
        """Rates as in the preset; revenue by what came in last year, nothing where none did."""
        p, office = self._office.preset.kpi, self._office
        targets = dict(p.rates)
        for code, factor in p.growth.items():
            if last_year[code]:
                targets[code] = round(last_year[code] * factor / FEN)
        places = np.arange(len(targets))
        if month is None:
            first = np.full(len(targets), office.society.start)
            load = office.first_load(places)
        else:
            first = np.full(len(targets), month.last + 1)
            load = office.load("kpi", places, first - 1, month.index)
        rows = {
            "kpi_code": list(targets),
            "area_id": county_id(office.society.groups.county),
            "year": str(year),
            "annual_target": [float(value) for value in targets.values()],
            "unit": ["yuan" if code in p.growth else "percent" for code in targets],
            "direction": "higher",
            "pace": "linear",
        }
        office.send("kpi_target", rows, midnight(first), load, source="BI")

    def _measure(self, month: Month) -> None:
        office = self._office
        rates = {code: rate for code, rate in self._rates(month).items() if rate is not None}
        money = {code: fen / FEN for code, fen in self._earned.items()}
        codes = [*rates, *money]
        last = np.full(len(codes), month.last)
        nothing: list[float | None] = [None] * len(money)
        rows = {
            "kpi_code": codes,
            "area_id": county_id(office.society.groups.county),
            "as_of": dates(last),
            "value": [*(round(rate.value, 4) for rate in rates.values()), *money.values()],
            "num": [*(rate.num for rate in rates.values()), *nothing],
            "den": [*(rate.den for rate in rates.values()), *nothing],
            "source_batch": month.code,
        }
        load = office.load("kpi", np.arange(len(codes)), last, 1_000 + month.index)
        office.send("kpi_actual", rows, end_of(last), load, source="BI")

    def _rates(self, month: Month) -> dict[str, Rate | None]:
        base, office = self._snapshots.base, self._office
        members = office.society.members
        kept_groups = self._groups.lost_on[base.target] > month.last
        off = office.notices(base.members, members.off[base.members])
        there = on_books(office, month.last)
        vnet = there & members.vnet
        return {
            "group_retention": _share(kept_groups),
            "member_retention": _share(off > month.last),
            "key_bundling": self._bundling(np.flatnonzero(there), month),
            "pkgmin_share": _share(members.pkgmin[vnet]),
            "vnet_over_30": _known(self._use.vnet_over_30),
            "short_effective": _known(self._use.short_effective),
        }

    def _bundling(self, there: Ints, month: Month) -> Rate | None:
        """Key members of the double top hundred whose contract outlasts the month."""
        society = self._office.society
        members, book = society.members, society.locking.contracts
        top = society.groups.double_top100[members.group[there]]
        key = there[top & (members.role[there] <= KEY_MEMBER)]
        return _share(book.live[key] & (book.end[key] > month.last))


def _share(flags: Flags) -> Rate | None:
    """The share of those flagged; there is none of nobody."""
    if not len(flags):
        return None
    kept = int(flags.sum())
    return Rate(PERCENT * kept / len(flags), float(kept), float(len(flags)))


def _known(share: float) -> Rate | None:
    return None if np.isnan(share) else Rate(PERCENT * share)
