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
from simulator.tables.subsidies import GUARANTEE, PENALTIES, kinds, terms

POINTS = "points_vnet"


class Contracts:
    """Sends each contract when it is signed, ends, breaks or is renewed."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._of_members, self._of_groups = InOrder(), InOrder()
        self._kinds, _ = random.weights(office.preset.lock.kinds)
        self._kind = np.zeros(0, dtype=np.int64)
        self._group = np.zeros(0, dtype=np.int64)

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

    def monthly_return(self, who: Ints) -> Ints:
        """What each member gets back this month under his live contract, in fen."""
        book = self._office.society.locking.contracts
        bound = book.live[who]
        some = who[bound]
        back = np.zeros(len(who), dtype=np.int64)
        money = terms(self._office, some, book.serial[some], book.term[some], self._kind[some])
        back[bound] = money.monthly_return
        return back

    def _as_noticed(self, news: News) -> News:
        """A contract breaks when the operator sees that its member has left, at its end at last."""
        if news.status != BROKEN:
            return news
        seen = self._office.notices(news.who, news.since)
        return replace(news, since=np.maximum(np.minimum(seen, news.end), news.since))

    def _send_members(self, news: News, load: Ints) -> None:
        office, who = self._office, news.who
        if not len(who):
            return
        if news.status == LIVE:
            self._remember(news)
        kind = self._kind[who]
        guarantor = np.where(kind == self._kinds.index(GUARANTEE), self._group[who], -1)
        key, users = office.society.members.key[who], office.users(who)
        money = terms(office, who, news.serial, news.term, kind)
        names, weights = random.weights(office.preset.subsidy.channels)
        rows = {
            "contract_id": pc.binary_join_element_wise(users, _text(news.serial), "-K"),
            "user_id": users,
            "group_id": office.groups(guarantor),
            "guarantor_group_id": office.groups(guarantor),
            "type": pick(self._kinds, kind),
            "penalty_rule": pick([PENALTIES[name] for name in self._kinds], kind),
            "channel": pick(names, office.draws.choice("contract.channel", weights, key)),
            "deposit_fen": money.deposit,
            "bonus_fen": money.bonus,
            "subsidy_cost_fen": money.cost,
            "monthly_return_fen": money.monthly_return,
            "min_spend_fen": money.min_spend,
        }
        self._send(rows, news, key, self._of_members.settle(who, load))

    def _remember(self, news: News) -> None:
        """Keep what was signed, and in which group: a member may change groups before it ends."""
        members = self._office.society.members
        fresh = np.zeros(members.count - len(self._kind), dtype=np.int64)
        self._kind = np.concatenate([self._kind, fresh])
        self._group = np.concatenate([self._group, fresh])
        self._kind[news.who] = kinds(self._office, news.who, news.serial)
        self._group[news.who] = members.group[news.who]

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
