"""The operator's back office: it sees the world and sends what it sees to the warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike

from simulator.cells import Cells
from simulator.dekads import Dekad, Month
from simulator.delays import DAY, HOUR, load_times
from simulator.delivery import Landing
from simulator.draws import Bits, Flags, Ints
from simulator.society import Happenings, Society


class Reporter(Protocol):
    """Writes one or more operator tables."""

    def begin(self) -> None:
        """Report what there is before the first day."""

    def dekad(self, happenings: Happenings, dekad: Dekad) -> None:
        """Report what happened in a dekad."""

    def month(self, month: Month) -> None:
        """Report a month that has just ended."""


class Office:
    """What all reporters share: the world, the keys, the way to the warehouse."""

    def __init__(self, society: Society, landing: Landing) -> None:
        self.society = society
        self.preset = society.preset
        self.draws = society.draws
        self._landing = landing
        self._groups = pa.array(society.groups.ids(), pa.string())
        self._users = pa.array(society.members.user_ids(), pa.string())

    def users(self, who: Ints) -> Cells:
        """Keys of members, by their place in the world."""
        known = len(self._users)
        if self.society.members.count > known:
            fresh = pa.array(self.society.members.user_ids(known), pa.string())
            self._users = pa.concat_arrays([self._users, fresh])
        return self._users.take(pa.array(who))

    def groups(self, who: Ints) -> Cells:
        """Keys of groups, by their place in the world; -1 is unknown."""
        return self._groups.take(pa.array(who, mask=who < 0))

    def cancels(self, who: Ints) -> Flags:
        """Whether each member, on leaving the net, says so, or just stops using and paying."""
        key = self.society.members.key[who]
        return self.draws.happens("member.voluntary", self.preset.member.voluntary, key)

    def notices(self, who: Ints, day: Ints) -> Ints:
        """The day on which the operator sees that members left the net on ``day``."""
        unseen = self.preset.delivery.arrears_retention_days
        return day + np.where(self.cancels(who), 0, unseen)

    def load(self, table: str, entity: ArrayLike, day: Ints, step: ArrayLike = 0) -> Ints:
        """When rows will be loaded, by the table's own law."""
        law = getattr(self.preset.delivery, table)
        return load_times(self.draws, table, law, entity, day, step)

    def first_load(self, entity: Bits | Ints) -> Ints:
        """When the rows of the first full delivery are loaded: in the first night."""
        law = self.preset.delivery.reference
        day = np.full(len(entity), self.society.start - 1)
        return load_times(self.draws, "first", law, entity, day)

    def send(
        self,
        table: str,
        rows: Mapping[str, Any],
        event: Ints,
        load: Ints,
        op: str = "I",
        source: str = "CRM",
    ) -> None:
        """Hand rows over; see ``Landing.add``."""
        self._landing.add(table, rows, event, load, op, source)


def midnight(day: Ints) -> Ints:
    """The first moment of each day, in microseconds since 1970."""
    return day * DAY


class InOrder:
    """Keeps a newer version of a row from overtaking an older one on its way."""

    def __init__(self) -> None:
        self._last = np.zeros(0, dtype=np.int64)

    def settle(self, who: Ints, load: Ints) -> Ints:
        """The moments of loading, each at least an hour after the row's last one."""
        short = (int(who.max()) + 1 if len(who) else 0) - len(self._last)
        if short > 0:
            self._last = np.concatenate([self._last, np.zeros(short, dtype=np.int64)])
        settled = np.maximum(load, self._last[who] + HOUR)
        self._last[who] = settled
        return settled
