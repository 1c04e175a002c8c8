"""staff and group_manager_rela: account managers, and who looks after which group."""

from __future__ import annotations

import numpy as np

from simulator.cells import dates, pick
from simulator.dekads import NEVER, Dekad, Month
from simulator.draws import Ints
from simulator.office import InOrder, Office, midnight
from simulator.parameters import PerTier
from simulator.society import Happenings
from simulator.tables.areas import area_ids, county_id


class Staff:
    """Keeps and sends the county's staff; managed groups change their manager now and then."""

    def __init__(self, office: Office) -> None:
        self._office = office
        groups = office.society.groups
        self._areas, self._county = office.preset.population.areas, groups.county
        self._ids: list[str] = []
        self._roles: list[str] = []
        self._where: list[int] = []
        per: PerTier = office.preset.population.groups_per_manager
        self._pools = self._hire_managers(per)
        self.desk = self._hire("service", -1)
        chiefs = np.array(
            [self._hire("chief_AM", -1) for _ in range(office.preset.fieldwork.chiefs)]
        )
        self._hire("county_mgr", -1)
        self.chief = np.where(groups.tier < 2, chiefs[groups.index % len(chiefs)], -1)
        self.manager = self._assign()
        self._since = np.full(groups.count, office.society.start) - groups.sign_age // 4
        self._in_order = InOrder()

    def ids(self, who: Ints) -> object:
        """Keys of staff; -1 is nobody."""
        return pick(self._ids, who)

    def begin(self) -> None:
        """Send the staff and who looks after which group."""
        everyone = np.arange(len(self._ids))
        self._send_staff(self._office.first_load(everyone))
        groups = self._office.society.groups.index
        for role, holder in (("AM", self.manager), ("chief_AM", self.chief)):
            some = groups[holder >= 0]
            open_end = np.full(len(some), NEVER)
            load = self._office.first_load(some)
            self._send_relation(some, role, holder[some], open_end, load, "I")

    def dekad(self, happenings: Happenings, dekad: Dekad) -> None:
        """Let a few groups change their manager, once a month."""
        office, groups = self._office, self._office.society.groups
        if dekad.index % 3:
            return
        changes = office.draws.happens(
            "manager.change", office.preset.population.manager_change, groups.index, dekad.index
        )
        some = groups.index[changes & (self.manager >= 0)]
        some = some[self._since[some] < dekad.first]
        day = dekad.day(office.draws, "manager.day", some)
        load = self._in_order.settle(some, office.load("contract", some, day, dekad.index * 2))
        self._send_relation(some, "AM", self.manager[some], day, load, "U")
        self.manager[some] = self._next_manager(some, dekad.index + 1)
        self._since[some] = day
        load = self._in_order.settle(some, office.load("contract", some, day, dekad.index * 2 + 1))
        self._send_relation(some, "AM", self.manager[some], np.full(len(some), NEVER), load, "I")

    def month(self, month: Month) -> None:
        """Send the staff again."""
        everyone = np.arange(len(self._ids))
        last = np.full(len(everyone), month.last)
        self._send_staff(self._office.load("reference", everyone, last, month.index))

    def _hire(self, role: str, area: int) -> int:
        self._ids.append(f"S{self._county:03d}{len(self._ids) + 1:04d}")
        self._roles.append(role)
        self._where.append(area)
        return len(self._ids) - 1

    def _hire_managers(self, per: PerTier) -> dict[tuple[int, int], Ints]:
        """Managers of each area for large (0) and small (1) groups, as many as are needed."""
        groups = self._office.society.groups
        pools = {}
        for area in range(self._areas):
            for small in (0, 1):
                mine = (groups.area == area) & ((groups.tier == 2) == bool(small))
                need = float((1.0 / per.at(groups.tier[mine])).sum()) if mine.any() else 0.0
                count = max(1, round(need))
                pools[area, small] = np.array([self._hire("AM", area) for _ in range(count)])
        return pools

    def _assign(self) -> Ints:
        groups = self._office.society.groups
        return np.where(groups.managed, self._next_manager(groups.index, 0), -1)

    def _next_manager(self, groups: Ints, step: int) -> Ints:
        all_groups = self._office.society.groups
        chance = self._office.draws.uniform("manager", groups, step)
        chosen = np.empty(len(groups), dtype=np.int64)
        for i, g in enumerate(groups.tolist()):
            pool = self._pools[int(all_groups.area[g]), int(all_groups.tier[g] == 2)]
            chosen[i] = pool[int(chance[i] * len(pool))]
        return chosen

    def _send_staff(self, load: Ints) -> None:
        office, everyone = self._office, np.arange(len(self._ids))
        served = office.draws.whole(
            "staff.start", *office.preset.fieldwork.staff_age_days, everyone
        )
        start = office.society.start - served
        looked_after = np.concatenate([self.manager, self.chief])
        counts = np.bincount(looked_after[looked_after >= 0], minlength=len(everyone))
        where = np.array(self._where)
        places = [*area_ids(self._county, self._areas), county_id(self._county)]
        rows = {
            "staff_id": self._ids,
            "name_hash": office.draws.token("staff.name", everyone),
            "role": self._roles,
            "org_area_id": pick(places, np.where(where < 0, len(places) - 1, where)),
            "start_date": dates(start),
            "n_groups": counts,
        }
        office.send("staff", rows, midnight(start), load, source="HR")

    def _send_relation(
        self, groups: Ints, role: str, holder: Ints, until: Ints, load: Ints, op: str
    ) -> None:
        since = self._since[groups]
        rows = {
            "group_id": self._office.groups(groups),
            "role": role,
            "staff_id": self.ids(holder),
            "valid_from": dates(since),
            "valid_to": dates(until),
        }
        self._office.send("group_manager_rela", rows, midnight(since), load, op)
