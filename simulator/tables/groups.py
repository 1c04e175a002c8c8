"""group_snapshot: every group as the operator sees it at the end of a month."""

from __future__ import annotations

import numpy as np

from simulator import draws as random
from simulator.cells import dates, known, pick
from simulator.dekads import NEVER, Dekad, Month
from simulator.delays import end_of
from simulator.office import Office
from simulator.population import GRADES, OWNERSHIPS
from simulator.society import Happenings
from simulator.tables.areas import area_ids, park_ids
from simulator.tables.bills import Bills
from simulator.tables.books import on_books
from simulator.tables.product_usage import ProductUsage
from simulator.tables.products import Products
from simulator.tables.staff import Staff


class Groups:
    """Sends the snapshot, keeps the operator's own grade of each group, and closes lost groups.

    ``grade`` is the place in ``GRADES`` that the operator gives each group now, ``lost_on`` the day
    on which it strikes the group off; ``base`` marks the groups in this year's frozen list, and
    ``target`` those of them that were graded A or B then: the target market.
    """

    def __init__(
        self, office: Office, staff: Staff, bills: Bills, products: Products, usage: ProductUsage
    ) -> None:
        self._office, self._staff, self._bills = office, staff, bills
        self._products, self._usage = products, usage
        groups = office.society.groups
        self.lost_on = np.full(groups.count, NEVER)
        self.grade = groups.grade.copy()
        self._earlier = np.full(groups.count, -1)
        self._worth = np.zeros(groups.count)
        self._freeze(office.society.start - 1)

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
        self.lost_on[moved[struck]] = (day + wait)[struck]
        now = np.flatnonzero((self.lost_on >= dekad.first) & (self.lost_on <= dekad.last))
        self._products.close(now, self.lost_on[now])

    def month(self, month: Month) -> None:
        """Send the snapshot of a month; January reviews the grades, December freezes the lists."""
        office, groups = self._office, self._office.society.groups
        if month.number == 1:
            self._review(month)
        last = np.full(groups.count, month.last)
        first = groups.county * 10_000 + 1
        rows = {
            "group_id": office.groups(groups.index),
            "month": month.code,
            "group_name": [f"集团{first + g:05d}" for g in range(groups.count)],
            **self._standing(month),
            **self._place(),
            **self._people(month),
            **self._money(),
        }
        load = office.load("group_snapshot", groups.index, last, month.index)
        office.send("group_snapshot", rows, end_of(last), load)
        if month.number == 12:
            self._freeze(month.last)

    def _freeze(self, day: int) -> None:
        self.base = self.lost_on > day
        self.target = self.base & (self.grade < GRADES.index("C"))

    def _review(self, month: Month) -> None:
        """Each January those that lost most value go down a grade, those that won most go up."""
        p, draws = self._office.preset.standing, self._office.draws
        worth = np.log1p(self._bills.revenue.astype(np.float64))
        groups = self._office.society.groups.index
        change = worth - self._worth + p.sigma * draws.normal("group.review", groups, month.index)
        first = not self._worth.any()
        self._worth = worth
        if first:
            return
        lowest = GRADES.index("C")
        down = (change < np.quantile(change, p.down)) & (self.grade < lowest)
        up = (change > np.quantile(change, 1.0 - p.up)) & (self.grade > 0)
        up &= (self.grade < lowest) | (change > np.quantile(change, 1.0 - p.up_c))
        grade = self.grade + down - up
        self._earlier = np.where(grade != self.grade, self.grade, self._earlier)
        self.grade = grade

    def _standing(self, month: Month) -> dict[str, object]:
        groups, p = self._office.society.groups, self._office.preset.standing
        lost = self.lost_on <= month.last
        uses = self._products.any_held() | groups.has_vnet
        worth = np.log1p(self._bills.revenue.astype(np.float64))
        channels, weights = random.weights(p.channels)
        return {
            "tier": pick(GRADES, self.grade),
            "tier_prev": pick(GRADES, self._earlier),
            "tier_assign_mode": "scored",
            "value_score": np.round(np.clip(worth * p.score, 0, 100), 2),
            "industry_l1": groups.industry,
            "ownership": pick(OWNERSHIPS, groups.ownership),
            "lifecycle": pick(
                ["active", "in_use", "lost"], np.where(lost, 2, uses.astype(np.int64))
            ),
            "g_state": np.where(lost, 2, 0),
            "is_double_top100": groups.double_top100,
            "is_target_market": self.target,
            "is_snapshot_year": pick([month.code[:4]], np.where(self.base, 0, -1)),
            "is_test": False,
            "sign_date": dates(self._office.society.start - groups.sign_age),
            "channel_type": pick(
                channels, self._office.draws.choice("group.channel", weights, groups.index)
            ),
        }

    def _place(self) -> dict[str, object]:
        groups, p = self._office.society.groups, self._office.preset.population
        return {
            "area_id": pick(area_ids(groups.county, p.areas), groups.area),
            "park_id": pick(
                park_ids(groups.county, p.areas, p.parks_per_area),
                np.where(groups.in_park, groups.park, -1),
            ),
            "am_staff_id": self._staff.ids(self._staff.manager),
            "chief_am_id": self._staff.ids(self._staff.chief),
        }

    def _people(self, month: Month) -> dict[str, object]:
        office, p = self._office, self._office.preset.standing
        groups, members = office.society.groups, office.society.members
        everyone = np.arange(members.count)
        here = np.bincount(members.group, on_books(office, month.last), groups.count)
        recent = members.off > month.last - office.preset.delivery.arrears_off_days
        stopped = (office.notices(everyone, members.off) <= month.last) & recent
        fading = stopped & ~office.cancels(everyone)
        suspended = np.bincount(members.group, fading, groups.count)
        guess = office.draws.normal("group.estimate", groups.index, month.index)
        people = groups.size / p.penetration * np.exp(p.penetration_sigma * guess)
        return {
            "register_headcount": known(np.maximum(groups.headcount, 1), groups.headcount > 0),
            "est_headcount": np.maximum(np.rint(people), 1).astype(np.int64),
            "active_members": here.astype(np.int64),
            "suspended_members": suspended.astype(np.int64),
        }

    def _money(self) -> dict[str, object]:
        """What the company pays comes in li, a thousandth of a yuan, from another system."""
        return {
            "unified_pay_flag": self._bills.unified,
            "unified_pay_revenue_li": self._bills.unified_paid * 10,
            "arrears_fen": self._bills.arrears,
            "mobile_revenue_fen": self._bills.revenue,
            "fixed_revenue_fen": self._usage.fixed_revenue(),
        }
