"""second_sim_ind: the operator's own guess at who uses a rival SIM beside ours."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulator.cells import pick
from simulator.circle import NUMBER, Circles
from simulator.dekads import Dekad, Month
from simulator.delays import end_of
from simulator.draws import Bits, Flags, Ints
from simulator.members import DUAL, SOLE
from simulator.office import Office
from simulator.phones import token_bits, tokens
from simulator.society import Happenings
from simulator.tables.rival_numbers import RivalNumbers

ALTERS_KEPT, TWIN = 0, 2
HITS = ("mou_drop_alters_kept", "dual_sim_device", "rival_twin_number", "fwd_to_rival")


class SecondSim:
    """Sends a row for each member that is flagged in a month, rightly or wrongly.

    Only numbers that ``rivals`` has listed for the month can be taken for a member's own.
    """

    def __init__(self, office: Office, circles: Circles, rivals: RivalNumbers) -> None:
        self._office, self._circles, self._rivals = office, circles, rivals
        self._found = np.zeros(0, dtype=bool)
        self._wronged = np.zeros(0, dtype=bool)

    def begin(self) -> None:
        """Those found before the first day keep their flag."""
        members, e = self._office.society.members, self._office.preset.emission
        missed = (1 - e.second_sim_month) * (1 - e.second_sim_later) ** 2
        found = self._office.draws.happens("second_sim.begin", 1 - missed, members.key)
        self._found = found & (members.state == DUAL)
        self._wronged = np.zeros(members.count, dtype=bool)

    def dekad(self, happenings: Happenings, dekad: Dekad) -> None:
        """The flags are set by month."""

    def month(self, month: Month) -> None:
        """Find some of those who use a second SIM, and some who do not."""
        office, e = self._office, self._office.preset.emission
        members, draws = office.society.members, office.draws
        fresh = np.zeros(members.count - len(self._found), dtype=bool)
        found = np.concatenate([self._found, fresh])
        wronged = np.concatenate([self._wronged, fresh])
        dual = members.here & (members.state == DUAL)
        since = month.last - members.dual_from
        chance = np.where(
            since < month.days,
            e.second_sim_month,
            np.where(since < month.days + 62, e.second_sim_later, 0.0),
        )
        self._found = dual & (
            found | draws.happens("second_sim.found", chance, members.key, month.index)
        )
        sole = members.here & (members.state == SOLE)
        lingers = wronged & draws.happens(
            "second_sim.stays", e.second_sim_false_stays, members.key, month.index
        )
        mistaken = draws.happens("second_sim.false", e.second_sim_false, members.key, month.index)
        self._wronged = sole & (lingers | mistaken)
        self._send(self._found | self._wronged, month)

    def _send(self, flagged: Flags, month: Month) -> None:
        office, draws = self._office, self._office.draws
        members = office.society.members
        who = np.flatnonzero(flagged)
        key = members.key[who]
        truth = self._found[who]
        chance = draws.uniform("second_sim.score", key, month.index)
        score = np.where(truth, 0.55 + 0.44 * chance, 0.5 + 0.4 * chance**2)
        hit = draws.choice("second_sim.hit", [0.5, 0.1, 0.35, 0.05], key)
        twin, seen = self._twins(who, truth, month)
        hit = np.where((hit == TWIN) & ~seen, ALTERS_KEPT, hit)
        last = np.full(len(who), month.last)
        twins = tokens(*token_bits(draws, NUMBER, twin))
        rows = {
            "user_id": office.users(who),
            "month": month.code,
            "score": np.round(score, 4),
            "rule_hit": pick(HITS, hit),
            "twin_peer_key": pc.if_else(pa.array(hit == TWIN), twins, pa.scalar(None, pa.string())),
        }
        load = office.load("second_sim_ind", key, last, month.index)
        office.send("second_sim_ind", rows, end_of(last), load, source="BI")

    def _twins(self, who: Ints, truth: Flags, month: Month) -> tuple[Bits, Flags]:
        """The rival number that each is thought to have: his own, or mistakenly a colleague's."""
        colleague, some = self._circles.colleagues(who, month)
        twin = np.where(truth, self._circles.twins(who), colleague)
        return twin, (truth | some) & self._rivals.listed(twin)
