"""bill_month: what every member owes for a month."""

from __future__ import annotations

import numpy as np

from simulator.cells import dates, pick
from simulator.dekads import Dekad, Month
from simulator.delays import DAY, end_of
from simulator.draws import Bits, Floats, Ints
from simulator.office import Office
from simulator.society import Happenings
from simulator.traffic import common_noise, presence

PARTS = (
    ("sms_fen", 0.09),
    ("data_fen", 0.05),
    ("vas_fen", 0.06),
    ("toll_fen", 0.10),
    ("roam_fen", 0.06),
    ("month_fee_fen", 0.22),
)
VNET_FEE = 500


class Bills:
    """Sends the bills of each month after its end, and a few of them a second time, corrected."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self.revenue = np.zeros(office.society.groups.count, dtype=np.int64)
        self.unified = office.draws.happens(
            "group.unified_pay",
            np.array([0.40, 0.25, 0.03])[office.society.groups.tier],
            office.society.groups.index,
        )

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
        self.revenue = np.bincount(society.members.group[who], amount, society.groups.count).astype(
            np.int64
        )
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
        busy = common_noise(office.preset, office.draws, members, who, month)
        own = np.exp(b.sigma_month * office.draws.normal("bill.own", key, month.index))
        trend = (1.0 + b.trend) ** month.index
        season = office.preset.usage.season.get(str(month.number), 1.0)
        yuan = members.arpu[who] * trend * np.sqrt(busy * season) * own * share
        return np.rint(yuan * 100).astype(np.int64)

    def _send(
        self, who: Ints, amount: Ints, dual: np.ndarray, version: int, load: Ints, month: Month
    ) -> None:
        if not len(who):
            return
        office, members = self._office, self._office.society.members
        key = members.key[who]
        last = np.full(len(who), month.last)
        parts = {name: np.rint(amount * share).astype(np.int64) for name, share in PARTS}
        fee = np.where(members.vnet[who], np.minimum(VNET_FEE, amount // 10), 0)
        rows = {
            "user_id": office.users(who),
            "month": month.code,
            "version": version,
            "arpu_fen": amount,
            **parts,
            "vnet_fee_fen": fee,
            "voice_fen": amount - fee - sum(parts.values()),
            **self._payments(who, key, amount, month),
            **self._plan(key, amount, dual, month),
        }
        office.send("bill_month", rows, end_of(last), load, "I" if version == 1 else "U", "BILL")

    def _payments(self, who: Ints, key: Bits, amount: Ints, month: Month) -> dict[str, object]:
        office = self._office
        draws, members = office.draws, office.society.members
        unified = self.unified[members.group[who]]
        bound = office.society.locking.contracts.live[who]
        times = draws.count("bill.recharge", 1.1, key, month.index)
        each = draws.choice("bill.note", [0.4, 0.45, 0.15], key, month.index)
        note = np.array([3_000, 5_000, 10_000])[each]
        day = draws.whole("bill.recharge.day", month.first, month.last, key, month.index)
        usual = np.rint(members.arpu[who] * 130).astype(np.int64)
        owes = draws.happens("bill.arrears", 0.015, key, month.index)
        spare = np.rint(3_000 * draws.normal("bill.balance", key, month.index) + 4_000)
        return {
            "unified_paid_fen": np.where(unified, amount * 3 // 10, 0),
            "bonus_return_fen": np.where(bound, amount // 10, 0),
            "overage_fen": np.maximum(amount - usual, 0),
            "balance_end_fen": np.where(owes, -amount, spare.astype(np.int64)),
            "arrears_fen": np.where(owes, amount, 0),
            "pay_channel": pick(
                ["counter", "bank", "card", "agent"],
                draws.choice("bill.channel", [0.35, 0.2, 0.3, 0.15], key),
            ),
            "last_recharge_date": dates(day, times > 0),
            "recharge_n": times,
            "recharge_fen": times * note,
        }

    def _plan(self, key: Bits, amount: Ints, dual: np.ndarray, month: Month) -> dict[str, object]:
        draws = self._office.draws
        down = draws.uniform("bill.plan", key, month.index)
        change = np.where(down < np.where(dual, 0.05, 0.008), 1, np.where(down > 0.992, 0, 2))
        plans = [f"T{n:02d}" for n in range(1, 13)]
        plan = draws.whole("bill.tariff", 0, 11, key)
        seen = ~draws.happens("bill.plan.unknown", 0.01, key)
        return {
            "tariff_plan_id": pick(plans, np.where(seen, plan, -1)),
            "plan_change": pick(["up", "down", "none"], change),
        }
