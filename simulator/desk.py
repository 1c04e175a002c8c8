"""What the operator's office knows when it decides whom to alert and whom to treat."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from simulator.agreements import LIVE, News
from simulator.dekads import LONG_AGO, NEVER, Dekad
from simulator.draws import Ints
from simulator.office import Office
from simulator.retention import Known
from simulator.tables.rivals import Rivals, Told, arrived


class HotlineCounts(Protocol):
    """Knows how often members of each group called rivals' hotlines in the last month."""

    hotline: Ints


class Register(Protocol):
    """Knows on which day each group was, or will be, struck off the list."""

    lost_on: Ints


class Desk:
    """What the office has on its books, and no more than has been loaded by the day."""

    def __init__(
        self, office: Office, rivals: Rivals, usage: HotlineCounts, register: Register
    ) -> None:
        self._office, self._rivals = office, rivals
        self._usage, self._register = usage, register
        count = office.society.groups.count
        self._on_the_way: list[Told] = []
        self._report, self._wants = np.full(count, LONG_AGO), np.full(count, LONG_AGO)
        self._gone = np.full(count, NEVER)
        self._calls = np.zeros(count, dtype=np.int64)
        none = np.zeros(0, dtype=np.int64)
        self._signed, self._end, self._signer = none, none, none
        self.note(office.society.first_contracts)

    def note(self, contracts: list[News]) -> None:
        """Take in contracts that were signed."""
        members = self._office.society.members
        fresh = members.count - len(self._end)
        self._signed = np.concatenate([self._signed, np.full(fresh, NEVER)])
        self._end = np.concatenate([self._end, np.full(fresh, LONG_AGO)])
        self._signer = np.concatenate([self._signer, np.zeros(fresh, dtype=np.int64)])
        for news in contracts:
            if news.status == LIVE:
                self._signed[news.who], self._end[news.who] = news.signed, news.end
                self._signer[news.who] = members.group[news.who]

    def known(self, dekad: Dekad) -> Known:
        """What is known at the end of a dekad."""
        self._read_reports(dekad.last)
        if dekad.index % 3 == 0:
            self._calls = self._usage.hotline.copy()
        p, groups = self._office.preset.alert, self._office.society.groups
        soon = (self._end > dekad.last) & (self._end <= dekad.last + p.expiry_days)
        soon &= self._signed <= dekad.last - p.expiry_known_days
        ending = np.bincount(self._signer[soon], minlength=groups.count) / groups.size
        lost = np.minimum(self._gone, self._register.lost_on) <= dekad.last
        return Known(self._report, self._wants, self._calls, ending, lost)

    def _read_reports(self, day: int) -> None:
        here, self._on_the_way = arrived([*self._on_the_way, *self._rivals.take_told()], day)
        for told in here:
            np.maximum.at(self._report, told.group, told.day)
            np.maximum.at(self._wants, told.group[told.wants], told.day[told.wants])
            if told.lost:
                np.minimum.at(self._gone, told.group, told.day)
