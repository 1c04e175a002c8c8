"""group_snapshot: every group as the operator sees it at the end of a month."""

from __future__ import annotations

import numpy as np

from simulator.cells import dates, known, pick
from simulator.dekads import NEVER, Dekad, Month
from simulator.delays import end_of
from simulator.draws import Ints
from simulator.office import Office
from simulator.population import GRADES, OWNERSHIPS
from simulator.society import Happenings
from simulator.tables.areas import area_ids, park_ids
from simulator.tables.bills import Bills
from simulator.tables.products import FEES, PRODUCTS, Products
from simulator.tables.staff import Staff


class Groups:
    """Sends the snapshot, keeps the operator's own grade of each group, and closes lost groups."""

    def __init__(self, office: Office, staff: Staff, bills: Bills, products: Products) -> None:
        self._office, self._staff, self._bills, self._products = office, staff, bills, products
        groups = office.society.groups
        self._lost_on = np.full(groups.count, NEVER)
        self._grade = groups.grade.copy()
        self._earlier = np.full(groups.count, -1)
        self._worth = np.zeros(groups.count)
        self._base = np.zeros(groups.count, dtype=bool)

    def begin(self) -> None:
        """The first snapshot is that of the first month."""

    def dekad(self, happenings: Happenings, dekad: Dekad) -> None:
        """Settle whether and when those who moved will be struck off the list."""
        p, draws = self._office.preset.transfer, self._office.draws
        moved, day = happenings.transfers.group, happenings.transfers.day
        background = np.array([d == "background" for d in happenings.transfers.driver], dtype=bool)
        struck = background | draws.happens("group.lost", p.lost_status, moved)
        low, high = p.lost_after_days
        wait = draws.whole("group.lost.after", low, high, moved)
        self._lost_on[moved[struck]] = (day + wait)[struck]
        now = np.flatnonzero((self._lost_on >= dekad.first) & (self._lost_on <= dekad.last))
        self._products.close(now, self._lost_on[now])

    def month(self, month: Month) -> None:
        """Send the snapshot of a month."""
        office, groups = self._office, self._office.society.groups
        if month.number == 1:
            self._review(month)
        last = np.full(groups.count, month.last)
        rows = {
            "group_id": office.groups(groups.index),
            "month": month.code,
            "group_name": [f"集团{g + 1:05d}" for g in groups.index.tolist()],
            **self._standing(month),
            **self._place(),
            **self._people(month),
            **self._money(month),
        }
        load = office.load("group_snapshot", groups.index, last, month.index)
        office.send("group_snapshot", rows, end_of(last), load)

    def _review(self, month: Month) -> None:
        """Each January those that lost most value go down a grade, those that won most go up."""
        worth = np.log1p(self._bills.revenue.astype(np.float64))
        noise = 0.15 * self._office.draws.normal(
            "group.review", self._office.society.groups.index, month.index
        )
        change = worth - self._worth + noise
        first = not self._worth.any()
        self._worth = worth
        self._base = self._lost_on > month.last
        if first:
            return
        down = (change < np.quantile(change, 0.05)) & (self._grade < 4)
        up = (change > np.quantile(change, 0.96)) & (self._grade > 0)
        up &= (self._grade < 4) | (change > np.quantile(change, 0.996))
        grade = self._grade + down - up
        self._earlier = np.where(grade != self._grade, self._grade, self._earlier)
        self._grade = grade

    def _standing(self, month: Month) -> dict[str, object]:
        groups = self._office.society.groups
        lost = self._lost_on <= month.last
        shares = self._products.held.any(axis=1) | groups.has_vnet
        worth = np.log1p(self._bills.revenue.astype(np.float64))
        return {
            "tier": pick(GRADES, self._grade),
            "tier_prev": pick(GRADES, self._earlier),
            "tier_assign_mode": "scored",
            "value_score": np.round(np.clip(worth * 5, 0, 100), 2),
            "industry_l1": groups.industry,
            "ownership": pick(OWNERSHIPS, groups.ownership),
            "lifecycle": pick(
                ["active", "in_use", "lost"], np.where(lost, 2, shares.astype(np.int64))
            ),
            "g_state": np.where(lost, 2, 0),
            "is_double_top100": groups.double_top100,
            "is_target_market": groups.tier < 2,
            "is_snapshot_year": pick([month.code[:4]], np.where(self._base, 0, -1)),
            "is_test": False,
            "sign_date": dates(self._office.society.start - groups.sign_age),
            "channel_type": pick(
                ["direct", "SA", "agent"],
                self._office.draws.choice("group.channel", [0.8, 0.05, 0.15], groups.index),
            ),
        }

    def _place(self) -> dict[str, object]:
        groups, p = self._office.society.groups, self._office.preset.population
        return {
            "area_id": pick(area_ids(p.areas), groups.area),
            "park_id": pick(
                park_ids(p.areas, p.parks_per_area), np.where(groups.in_park, groups.park, -1)
            ),
            "am_staff_id": self._staff.ids(self._staff.manager),
            "chief_am_id": self._staff.ids(self._staff.chief),
        }

    def _people(self, month: Month) -> dict[str, object]:
        groups, members = self._office.society.groups, self._office.society.members
        everyone = np.arange(members.count)
        seen_off = self._office.notices(everyone, members.off) <= month.last
        stopped = members.off <= month.last
        there = (members.left > month.last) | (stopped & ~seen_off)
        here = np.bincount(members.group, there, groups.count).astype(np.int64)
        recent = members.off > month.last - self._office.preset.delivery.arrears_off_days
        fading = seen_off & recent & ~self._office.cancels(everyone)
        suspended = np.bincount(members.group, fading, groups.count).astype(np.int64)
        guess = self._office.draws.normal("group.estimate", groups.index, month.index)
        estimate = np.maximum(np.rint(groups.size / 0.73 * np.exp(0.15 * guess)), 1)
        return {
            "register_headcount": known(np.maximum(groups.headcount, 1), groups.headcount > 0),
            "est_headcount": estimate.astype(np.int64),
            "active_members": here,
            "suspended_members": suspended,
        }

    def _money(self, month: Month) -> dict[str, object]:
        groups, draws = self._office.society.groups, self._office.draws
        revenue, unified = self._bills.revenue, self._bills.unified
        owes = draws.happens("group.arrears", 0.03, groups.index, month.index)
        line = self._products.held[:, PRODUCTS.index("dedicated_line")]
        paid: Ints = np.where(unified, revenue * 3, 0)
        return {
            "unified_pay_flag": unified,
            "unified_pay_revenue_li": paid,
            "arrears_fen": np.where(owes, revenue // 5, 0),
            "mobile_revenue_fen": revenue,
            "fixed_revenue_fen": np.where(line, FEES[PRODUCTS.index("dedicated_line")], 0),
        }
