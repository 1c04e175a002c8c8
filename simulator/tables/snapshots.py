"""snapshot_base: the lists that retention is measured on, frozen once a year (拍照)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.cells import Cells, dates, known, pick
from simulator.dekads import Dekad, Month
from simulator.draws import Floats, Ints
from simulator.office import Office, midnight
from simulator.population import GRADES
from simulator.society import Happenings
from simulator.tables.bills import Bills
from simulator.tables.books import on_books
from simulator.tables.groups import Groups


@dataclass(frozen=True)
class Base:
    """The frozen lists of a year: groups of the target market, all groups, and their members."""

    year: int
    target: Ints
    groups: Ints
    members: Ints


class Snapshots:
    """Freezes the lists of a year on the evening before it, those of the first on the first day.

    ``base`` holds the newest lists; what was frozen never changes.
    """

    def __init__(self, office: Office, groups: Groups, bills: Bills) -> None:
        self._office, self._groups, self._bills = office, groups, bills
        year = int(office.preset.world.start[:4])
        self.base = self._frozen(year, office.society.start)

    def begin(self) -> None:
        """Send the lists of the first year; nobody has been billed yet."""
        self._send(self._office.society.start, None)

    def dekad(self, happenings: Happenings, dekad: Dekad) -> None:
        """Lists are frozen once a year."""

    def month(self, month: Month) -> None:
        """Freeze the next year's lists in December."""
        if month.number == 12:
            self.base = self._frozen(int(month.code[:4]) + 1, month.last)
            self._send(month.last, month)

    def _frozen(self, year: int, day: int) -> Base:
        groups = self._groups
        members = np.flatnonzero(on_books(self._office, day))
        return Base(year, np.flatnonzero(groups.target), np.flatnonzero(groups.base), members)

    def _send(self, day: int, month: Month | None) -> None:
        office, base = self._office, self.base
        of_members = self._mean_bills()
        of_groups = self._mean_revenue()
        group = office.society.members.group[base.members]
        for name, who in (("target", base.target), ("groups", base.groups)):
            self._send_list(name, "group", office.groups(who), who, of_groups[who], day, month)
        self._send_list(
            "members",
            "member",
            office.users(base.members),
            group,
            of_members[base.members],
            day,
            month,
        )

    def _send_list(
        self,
        name: str,
        kind: str,
        ids: Cells,
        group: Ints,
        revenue: Floats,
        day: int,
        month: Month | None,
    ) -> None:
        office, places = self._office, np.arange(len(group))
        frozen = np.full(len(group), day)
        rows = {
            "base_id": f"{name}_{self.base.year}",
            "entity_type": kind,
            "entity_id": ids,
            "tier": pick(GRADES, self._groups.grade[group]),
            "ref_revenue_fen": known(
                np.rint(np.nan_to_num(revenue)).astype(np.int64), ~np.isnan(revenue)
            ),
            "frozen_at": dates(frozen),
        }
        load = (
            office.first_load(places)
            if month is None
            else office.load("snapshot_base", places, frozen, month.index)
        )
        office.send("snapshot_base", rows, midnight(frozen), load, source="BI")

    def _mean_bills(self) -> Floats:
        """Mean of each member's bills of the last three months; unknown without any."""
        count = self._office.society.members.count
        total, bills = np.zeros(count), np.zeros(count)
        for who, amount in self._bills.recent:
            total[who] += amount
            bills[who] += 1
        mean: Floats = np.divide(total, bills, out=np.full(count, np.nan), where=bills > 0)
        return mean

    def _mean_revenue(self) -> Floats:
        """Mean of each group's bills of the last three months; unknown before the first month."""
        society, recent = self._office.society, self._bills.recent
        if not recent:
            return np.full(society.groups.count, np.nan)
        group, count = society.members.group, society.groups.count
        total = np.zeros(count)
        for who, amount in recent:
            total += np.bincount(group[who], amount, count)
        mean: Floats = total / len(recent)
        return mean
