"""bill_month: what every member owes for a month."""

from __future__ import annotations

import numpy as np

from simulator import draws as random
from simulator.cells import dates, pick
from simulator.dekads import Dekad, Month
from simulator.delays import DAY, end_of
from simulator.draws import Bits, Flags, Floats, Ints
from simulator.office import Office
from simulator.portability import owes
from simulator.society import Happenings
from simulator.tables.contracts import Contracts
from simulator.traffic import common_noise, presence


class Bills:
    """Sends the bills of each month after its end, and a few of them a second time, corrected.

    Of the last month and by group: ``revenue``, what companies ``unified_paid`` of it, and what
    they still owe (``arrears``), in fen. ``unified`` marks the groups whose company pays.
    """

    def __init__(self, office: Office, contracts: Contracts) -> None:
        self._office, self._contracts = office, contracts
        groups = office.society.groups
        self.revenue = np.zeros(groups.count, dtype=np.int64)
        self.unified_paid = np.zeros(groups.count, dtype=np.int64)
        self.arrears = np.zeros(groups.count, dtype=np.int64)
        self.unified = office.draws.happens(
            "group.unified_pay", office.preset.bill.unified.at(groups.tier), groups.index
        )
        self.recent: list[tuple[Ints, Ints]] = []
        """Who was billed, and how much, in each of the last three months."""

    def begin(self) -> None:
        """There are no bills before the first month."""

    def dekad(self, happenings: Happenings, dekad: Dekad) -> None:
        """Bills are made by month."""

    def month(self, month: Month) -> None:
        """Send the bills of a month, then the corrected ones."""
        office, society = self._office, self._office.society
        there = presence(society.members, month)
        who = there.who
        key = society.members.key[who]
        share = there.share(month, office.preset.bill.dual)
        amount = self._amounts(who, key, share, month)
        self.recent = [*self.recent[-2:], (who, amount)]
        self._sum_up(who, amount, month)
        last = np.full(len(who), month.last)
        load = office.load("bill_month", key, last, month.index)
        self._send(who, amount, there.dual_days > 0, 1, load, month)
        again = office.draws.happens("bill.restated", office.preset.bill.restated, key, month.index)
        step = 10_000 + month.index
        load = office.load("bill_month", key[again], load[again] // DAY, step)
        change = office.preset.bill.restated_by * (
            2 * office.draws.uniform("bill.change", key[again], month.index) - 1
        )
        amended = np.rint(amount[again] * (1 + change)).astype(np.int64)
        self._send(who[again], amended, there.dual_days[again] > 0, 2, load, month)

    def _amounts(self, who: Ints, key: Bits, share: Floats, month: Month) -> Ints:
        office, b = self._office, self._office.preset.bill
        members = office.society.members
        busy = common_noise(office.preset, office.draws, key, month)
        own = np.exp(b.sigma_month * office.draws.normal("bill.own", key, month.index))
        trend = (1.0 + b.trend) ** month.index
        season = office.preset.usage.season.get(str(month.number), 1.0)
        yuan = members.arpu[who] * trend * np.sqrt(busy * season) * own * share
        return np.rint(yuan * 100).astype(np.int64)

    def _sum_up(self, who: Ints, amount: Ints, month: Month) -> None:
        """Add up by group; a company that falls behind owes its part of all bills until it pays."""
        office, b = self._office, self._office.preset.bill
        group, count = office.society.members.group[who], len(self.revenue)
        self.revenue = np.bincount(group, amount, count).astype(np.int64)
        self.unified_paid = np.bincount(group, self._company_part(who, amount), count).astype(
            np.int64
        )
        chance = np.where(self.arrears > 0, b.unified_arrears_stay, b.unified_arrears)
        behind = office.draws.happens("group.arrears", chance, np.arange(count), month.index)
        self.arrears = np.where(behind, self.arrears + self.unified_paid, 0)

    def _company_part(self, who: Ints, amount: Ints) -> Ints:
        unified = self.unified[self._office.society.members.group[who]]
        part = np.floor(amount * self._office.preset.bill.unified_share).astype(np.int64)
        return np.where(unified, part, 0)

    def _send(
        self, who: Ints, amount: Ints, dual: Flags, version: int, load: Ints, month: Month
    ) -> None:
        if not len(who):
            return
        office = self._office
        key = office.society.members.key[who]
        last = np.full(len(who), month.last)
        rows = {
            "user_id": office.users(who),
            "month": month.code,
            "version": version,
            "arpu_fen": amount,
            **self._parts(who, amount),
            **self._payments(who, key, amount, month),
            **self._plan(key, dual, month),
        }
        office.send("bill_month", rows, end_of(last), load, "I" if version == 1 else "U", "BILL")

    def _parts(self, who: Ints, amount: Ints) -> dict[str, Ints]:
        """The V-net fee comes first; what the shares leave of the rest is voice."""
        office, members = self._office, self._office.society.members
        fees = office.preset.product.fee
        plan = np.where(members.pkgmin[who], fees["vnet_pkgmin"], fees["vnet_std"])
        fee = np.where(members.vnet[who], np.minimum(plan.astype(np.int64), amount), 0)
        parts = {
            name: np.floor((amount - fee) * share).astype(np.int64)
            for name, share in office.preset.bill.parts.items()
        }
        return {**parts, "vnet_fee_fen": fee, "voice_fen": amount - fee - sum(parts.values())}

    def _payments(self, who: Ints, key: Bits, amount: Ints, month: Month) -> dict[str, object]:
        office = self._office
        draws, b, members = office.draws, office.preset.bill, office.society.members
        notes, weights = random.weights(b.recharge_notes)
        times = draws.count("bill.recharge", b.recharges, key, month.index)
        note = np.array([int(n) * 100 for n in notes])[
            draws.choice("bill.note", weights, key, month.index)
        ]
        day = draws.whole("bill.recharge.day", month.first, month.last, key, month.index)
        usual = np.rint(members.arpu[who] * b.allowance * 100).astype(np.int64)
        late = owes(office.preset, draws, key, month.index)
        debt = np.where(late, amount - self._company_part(who, amount), 0)
        mean, deviation = b.balance
        spare = 100 * np.maximum(
            mean + deviation * draws.normal("bill.balance", key, month.index), 0.0
        )
        names, channels = random.weights(b.pay_channels)
        return {
            "unified_paid_fen": self._company_part(who, amount),
            "bonus_return_fen": self._contracts.monthly_return(who),
            "overage_fen": np.maximum(amount - usual, 0),
            "balance_end_fen": np.where(debt > 0, -debt, np.rint(spare).astype(np.int64)),
            "arrears_fen": debt,
            "pay_channel": pick(names, draws.choice("bill.channel", channels, key)),
            "last_recharge_date": dates(day, times > 0),
            "recharge_n": times,
            "recharge_fen": times * note,
        }

    def _plan(self, key: Bits, dual: Flags, month: Month) -> dict[str, object]:
        """Plans by number; new codes from the recoding on name the same plans in another order."""
        draws, b = self._office.draws, self._office.preset.bill
        chance = draws.uniform("bill.plan", key, month.index)
        down = chance < np.where(dual, b.plan_down_dual, b.plan_down)
        change = np.where(down, 1, np.where(chance > 1.0 - b.plan_up, 0, 2))
        plan = draws.whole("bill.tariff", 0, b.plans - 1, key)
        seen = ~draws.happens("bill.plan.unknown", b.plan_unknown, key)
        recoded = 0 < b.plan_recode <= month.index + 1
        codes = [f"P{b.plans - n:03d}" if recoded else f"T{n + 1:02d}" for n in range(b.plans)]
        return {
            "tariff_plan_id": pick(codes, np.where(seen, plan, -1)),
            "plan_change": pick(["up", "down", "none"], change),
        }
