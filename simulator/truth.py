"""The ground truth of a world, kept apart from what the operator delivers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from simulator.cells import dates, pick
from simulator.dekads import Dekad
from simulator.draws import Floats, Ints
from simulator.dynamics import STATES
from simulator.office import Office
from simulator.oracle.latent import Present
from simulator.rivalry import LEVERS
from simulator.society import Happenings
from simulator.tables.rivals import TRUE, report_ids
from simulator.treatments import RESPONSES, Assignments

MEMBER_STATES = ("sole", "dual", "gone")
README = """Ground truth of a simulated world.

Never read this folder from features, models or serving: it holds what an operator cannot know.
It is for tests, benchmarks and oracles only.

gt_group_state   each group at each dekad's end: state, loyalty theta, lock, managed, campaign in
                 its area, the response it would give to a treatment, the sum of earlier treatments'
                 effects (relief, log-odds), p90 = its chance to move within 90 days (oracle O1)
gt_member_state  each member's state on the first day and each change: sole, dual, gone
gt_attack        each attack: day, lever, whether the group then intended to move
gt_transfer      each group that moved: day, driver
gt_treatment     each treatment given at a dekad's end, working from the next on: day, action,
                 response, p0 and p1 = chance to move within 90 days without and with it
gt_potential     each group at each month's end under each action: p0 and p1
flaws            with --flaws: what was planted in the delivery
gt_params.json   every parameter with unit and source, and the seed
The truth goes on for some months after the last delivery, so that its last days can be judged.
Groups that intend to move from the first day on were attacked before it; gt_attack lacks these.
"""


class Truth:
    """Collects the truth dekad by dekad and writes it at the end."""

    def __init__(self, office: Office, folder: Path, suffix: str = "") -> None:
        self._office, self._folder, self._suffix = office, folder, suffix
        self._tables: dict[str, list[pa.Table]] = {}

    def begin(self) -> None:
        """Write down where every member stands on the first day."""
        society = self._office.society
        members = np.arange(society.members.count)
        self._members(members, np.full(len(members), society.start), society.members.state)

    def dekad(self, happenings: Happenings, now: Present, risk: Floats, dekad: Dekad) -> None:
        """Write down a dekad; ``risk`` is that of each group at its end."""
        office, society = self._office, self._office.society
        groups, rivalry = society.groups, society.rivalry
        end = np.full(groups.count, dekad.last)
        self._keep(
            "gt_group_state",
            {
                "group_id": office.groups(groups.index),
                "dekad": pa.repeat(pa.scalar(dekad.code), groups.count),
                "date": dates(end),
                "state": pick(STATES, rivalry.state),
                "theta": pa.array(groups.theta),
                "lock": pa.array(happenings.lock.now),
                "expiring": pa.array(happenings.lock.expiring),
                "managed": pa.array(groups.managed),
                "campaign": pa.array(rivalry.campaign[groups.area]),
                "response": pick(RESPONSES, society.treatments.responses(risk)),
                "relief": pa.array(society.treatments.relief(now.outlook.ahead[0])),
                "p90": pa.array(risk),
            },
        )
        if dekad.last == dekad.month.last:
            self._potential(now, risk, dekad)
        self._attacks(happenings, dekad)
        moves = happenings.transfers
        self._keep(
            "gt_transfer",
            {
                "group_id": office.groups(moves.group),
                "date": dates(moves.day),
                "driver": pa.array(moves.driver, pa.string()),
            },
        )
        changes, doings = happenings.doings.changes, happenings.doings
        self._members(changes.member, changes.day, changes.state)
        fresh = np.arange(doings.fresh, society.members.count)
        self._members(fresh, society.members.joined[fresh], np.zeros(len(fresh), dtype=np.int64))

    def assigned(self, assigned: Assignments, now: Present, risk: Floats, dekad: Dekad) -> None:
        """Write down the treatments that will be given at the end of a dekad, before they are."""
        office, society, group = self._office, self._office.society, assigned.group
        if not len(group):
            return
        path = society.treatments.outlook_given(
            assigned, society.rivalry.lever, risk, dekad, now.outlook.ahead
        )
        self._keep(
            "gt_treatment",
            {
                "group_id": office.groups(group),
                "date": dates(np.full(len(group), dekad.last)),
                "action_code": pa.array(assigned.action, pa.string()),
                "response": pick(RESPONSES, society.treatments.responses(risk)[group]),
                "p0": pa.array(risk[group]),
                "p1": pa.array(now.risk(path)[group]),
            },
        )

    def write(self) -> None:
        """Write every table, the parameters and the warning."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for name, parts in self._tables.items():
            pq.write_table(pa.concat_tables(parts), self._folder / f"{name}{self._suffix}.parquet")
        preset = self._office.preset
        parameters: dict[str, Any] = {
            name: {"value": p.value, "unit": p.unit, "source": p.source}
            for name, p in preset.parameters.items()
        }
        content = {"preset": preset.name, "seed": self._office.draws.seed, "parameters": parameters}
        # Shares keep their order: draws between alternatives depend on it.
        text = json.dumps(content, indent=1, ensure_ascii=False)
        (self._folder / "gt_params.json").write_text(text + "\n", encoding="utf-8")
        (self._folder / "README.txt").write_text(README, encoding="utf-8")

    def _potential(self, now: Present, risk: Floats, dekad: Dekad) -> None:
        groups = self._office.society.groups
        for action in self._office.preset.treatment.actions():
            self._keep(
                "gt_potential",
                {
                    "group_id": self._office.groups(groups.index),
                    "date": dates(np.full(groups.count, dekad.last)),
                    "action_code": pa.repeat(pa.scalar(action), groups.count),
                    "p0": pa.array(risk),
                    "p1": pa.array(now.risk_if(action, risk)),
                },
            )

    def _attacks(self, happenings: Happenings, dekad: Dekad) -> None:
        attacks = happenings.attacks
        self._keep(
            "gt_attack",
            {
                "event_id": pa.array(
                    report_ids(self._office.draws, TRUE, attacks.group, dekad.index), pa.string()
                ),
                "group_id": self._office.groups(attacks.group),
                "date": dates(attacks.day),
                "lever": pick(LEVERS, attacks.lever),
                "second_lever": pick(LEVERS, attacks.second),
                "intent": pa.array(attacks.intent),
            },
        )

    def _members(self, who: Ints, day: Ints, state: Ints) -> None:
        self._keep(
            "gt_member_state",
            {
                "user_id": self._office.users(who),
                "date": dates(day),
                "state": pick(MEMBER_STATES, state),
            },
        )

    def _keep(self, name: str, columns: dict[str, Any]) -> None:
        self._tables.setdefault(name, []).append(pa.table(columns))
