"""call_edge_month: who talked to whom, in the last months of a world."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from simulator.calling import HOTLINES, Calling
from simulator.cells import Cells, pick
from simulator.circle import Circles
from simulator.dekads import Dekad, Month
from simulator.delays import end_of
from simulator.draws import Floats, Ints
from simulator.edges import NETS, UNKNOWN, Edges, together
from simulator.office import Office
from simulator.phones import fraction, month_names, tokens
from simulator.society import Happenings
from simulator.traffic import Traffic, hotline_calls, presence, traffic

FEWEST_CALLS = 2
MOST_SECONDS = 2_678_400
MINUTES = tuple(Traffic.__dataclass_fields__)
TEN_THOUSANDTHS = pa.array(np.arange(10_001) / 10_000).cast(pa.decimal128(18, 4))


class CallEdges:
    """Sends the call edges of a month after its end, if it is one of the last ``edges_months``."""

    def __init__(self, office: Office, circles: Circles) -> None:
        self._office, self._circles = office, circles
        world, wanted = office.preset.world, office.preset.circle.edges_months
        self._from = world.months - wanted
        self._sums: dict[str, Ints] = {}

    def begin(self) -> None:
        """No calls are counted before the first month."""

    def dekad(self, happenings: Happenings, dekad: Dekad) -> None:
        """Add up the minutes that usage tables report too."""
        if dekad.month.index < self._from:
            return
        society = self._office.society
        preset, draws, members = society.preset, society.draws, society.members
        there = presence(members, dekad)
        state, key = society.rivalry.state, members.key[there.who]
        minutes = traffic(preset, draws, society.groups, members, state, there, dekad)
        group_state = state[members.group[there.who]]
        telecom, unicom = hotline_calls(preset, draws, key, group_state, there, dekad)
        drawn = {name: getattr(minutes, name) for name in MINUTES}
        self._add(there.who, {**drawn, "calls_10000": telecom, "calls_10010": unicom}, dekad)

    def month(self, month: Month) -> None:
        """Send the edges of a month."""
        if month.index < self._from:
            return
        society, preset = self._office.society, self._office.preset
        own = society.draws.count(
            "usage.10086", preset.usage.hotline_own, society.members.key, month.index
        )
        there = np.zeros(society.members.count, dtype=np.int64)
        there[presence(society.members, month).who] = 1
        sums = {**self._sums, "calls_10086": own * there}
        parts = Calling(society, self._circles, sums, month).edges()
        self._send(together(parts, FEWEST_CALLS), month)

    def _add(self, who: Ints, drawn: dict[str, Ints], dekad: Dekad) -> None:
        count = self._office.society.members.count
        if dekad.index % 3 == 0:
            self._sums = {name: np.zeros(0, dtype=np.int64) for name in (*MINUTES, *HOTLINES[1:])}
        for name, total in self._sums.items():
            fresh = np.zeros(count - len(total), dtype=np.int64)
            self._sums[name] = np.concatenate([total, fresh])
            self._sums[name][who] += drawn[name]

    def _send(self, edges: Edges, month: Month) -> None:
        office, p = self._office, self._office.preset.circle
        key = office.society.members.key
        bits = office.draws.bits("edge.talk", edges.entity, month.index)
        number = edges.out + edges.into
        night = _some(number, 2 * p.night_calls * fraction(bits, 24), fraction(bits, 36))
        one, other = fraction(bits, 0), fraction(bits, 12)
        here, there = np.where(edges.flipped, other, one), np.where(edges.flipped, one, other)
        rows = {
            "user_id": office.users(edges.user),
            "peer_key": tokens(edges.front, edges.back),
            "month": month.code,
            "peer_net": pick(NETS, edges.net),
            "peer_group_id": office.groups(edges.group),
            "n_out": edges.out,
            "n_in": edges.into,
            "sec_out": _seconds(edges.out, edges.pace_out, here),
            "sec_in": _seconds(edges.into, edges.pace_in, there),
            "n_short": _some(number, 2 * p.short_calls * fraction(bits, 48), fraction(bits, 36)),
            "night_share": _shares(night, number),
            # Who enters a group tomorrow may have talked to his new colleagues today.
            "first_seen_month": month_names(
                np.minimum(edges.since, month.index), month, edges.since != UNKNOWN
            ),
        }
        who = np.unique(edges.user)
        last = np.full(len(who), month.last)
        load = np.zeros(len(key), dtype=np.int64)
        load[who] = office.load("call_edge_month", key[who], last, month.index)
        event = end_of(np.full(len(edges.user), month.last))
        office.send("call_edge_month", rows, event, load[edges.user], source="BOSS")


def _seconds(number: Ints, pace: Floats, chance: Floats) -> Ints:
    """Seconds that calls take together; each at least one."""
    drawn = np.rint(number * pace * (0.5 + chance)).astype(np.int64)
    return np.asarray(np.clip(drawn, number, MOST_SECONDS), dtype=np.int64)


def _some(number: Ints, share: Floats, chance: Floats) -> Ints:
    """How many of the calls are of a kind."""
    drawn = np.floor(number * share + chance).astype(np.int64)
    return np.minimum(drawn, number)


def _shares(part: Ints, whole: Ints) -> Cells:
    return TEN_THOUSANDTHS.take(pa.array((part * 10_000 + whole // 2) // whole))
