"""contract: subsidy contracts of members and points agreements of groups."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow.compute as pc

from simulator import draws as random
from simulator.agreements import BROKEN, LIVE, NEWS, News
from simulator.cells import Cells, dates, moments, pick
from simulator.dekads import Dekad, Month
from simulator.delays import office_hours
from simulator.draws import Bits, Ints
from simulator.office import InOrder, Office
from simulator.society import Happenings

POINTS = "points_vnet"
PENALTIES = ("forfeit_bonus", "pct_remaining", "fixed", "none")


class Contracts:
    """Sends each contract when it is signed, ends, breaks or is renewed."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._of_members, self._of_groups = InOrder(), InOrder()
        self._kinds, self._weights = random.weights(office.preset.lock.kinds)

    def begin(self) -> None:
        """Send what is live on the first day."""
        society = self._office.society
        for news in society.first_contracts:
            self._send_members(news, self._office.first_load(society.members.key[news.who]))
        for news in society.first_points:
            self._send_groups(news, self._office.first_load(news.who))

    def dekad(self, happenings: Happenings, dekad: Dekad) -> None:
        """Send what was signed, ended, broke or was renewed."""
        members = self._office.society.members
        for happened in happenings.contracts:
            news = self._as_noticed(happened)
            key = members.key[news.who]
            step = news.serial * 4 + news.status
            self._send_members(news, self._office.load("contract", key, news.since, step))
        for news in happenings.points:
            step = news.serial * 4 + news.status
            self._send_groups(news, self._office.load("contract", news.who, news.since, step))

    def month(self, month: Month) -> None:
        """Contracts are sent as they change."""

    def _as_noticed(self, news: News) -> News:
        """A contract breaks when the operator sees that its member has left, at its end at last."""
        if news.status != BROKEN:
            return news
        seen = self._office.notices(news.who, news.since)
        return replace(news, since=np.maximum(np.minimum(seen, news.end), news.since))

    def _send_members(self, news: News, load: Ints) -> None:
        office = self._office
        members, groups = office.society.members, office.society.groups
        who = news.who
        if not len(who):
            return
        key, group = members.key[who], members.group[who]
        kind = office.draws.choice("contract.kind", self._weights, key, news.serial)
        guarantee = self._kinds.index("handset_guarantee")
        may = (groups.tier[group] < 2) | groups.double_top100[group]
        kind = np.where((kind == guarantee) & ~may, 0, kind)
        group = np.where(kind == guarantee, group, -1)
        users = office.users(who)
        rows = {
            "contract_id": pc.binary_join_element_wise(users, _text(news.serial), "-K"),
            "user_id": users,
            "group_id": office.groups(group),
            "guarantor_group_id": office.groups(group),
            "type": pick(self._kinds, kind),
            "penalty_rule": pick(PENALTIES, np.where(kind == guarantee, 2, kind % 2)),
            "channel": pick(
                ["counter", "AM", "agent"],
                office.draws.choice("contract.channel", [0.5, 0.3, 0.2], key),
            ),
            **self._money(news, kind),
        }
        self._send(rows, news, key, self._of_members.settle(who, load))

    def _send_groups(self, news: News, load: Ints) -> None:
        if not len(news.who):
            return
        office = self._office
        ids = office.groups(news.who)
        rows = {
            "contract_id": pc.binary_join_element_wise(ids, _text(news.serial), "-P"),
            "group_id": ids,
            "type": POINTS,
            "penalty_rule": "pct_remaining",
            "channel": "AM",
        }
        self._send(rows, news, news.who, self._of_groups.settle(news.who, load))

    def _money(self, news: News, kind: Ints) -> dict[str, Ints]:
        """Deposit of half the expected bills, a bonus of 20-50 % of it, returned month by month."""
        members, draws = self._office.society.members, self._office.draws
        key = members.key[news.who]
        deposit = np.rint(members.arpu[news.who] * news.term * 0.5 / 50).astype(np.int64) * 5000
        percent = draws.whole("contract.bonus", 20, 50, key, news.serial)
        bonus = deposit * percent // 100
        handset = np.isin(kind, [i for i, k in enumerate(self._kinds) if k.startswith("handset")])
        return {
            "deposit_fen": np.where(kind == 3, 0, deposit),
            "bonus_fen": np.where(handset, 0, bonus),
            "subsidy_cost_fen": np.where(handset, bonus + 10_000, bonus),
            "monthly_return_fen": np.where(handset, 0, bonus // news.term),
            "min_spend_fen": deposit // np.maximum(news.term, 1),
        }

    def _send(self, rows: dict[str, object], news: News, key: Bits | Ints, load: Ints) -> None:
        signed = news.signed
        moment = office_hours(self._office.draws, "contract.status", key, news.since)
        rows |= {
            "sign_date": dates(signed),
            "start_date": dates(signed),
            "end_date": dates(np.maximum(news.end, signed + 1)),
            "term_m": news.term,
            "status": NEWS[news.status],
            "status_time": moments(moment),
        }
        self._office.send("contract", rows, moment, load, "I" if news.status == LIVE else "U")


def _text(numbers: Ints) -> Cells:
    return pick([str(n) for n in range(int(numbers.max()) + 1)], numbers)
