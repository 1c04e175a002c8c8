"""A county lived through once more with our lists: what is listed is treated, and changes.

The operator's own treatments go on as they were. Lists are made at the ends of twelve months from
what was known then; groups are visited by the end of the next dekad. What became of a visit is
known at the next list. The features of a group that is kept by us and had moved before are not
known: its last score stays. Chances are those of the oracle that sees the hidden states (O1).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.loop_policies import Practice, offered, wishes
from simulator.dekads import Dekad, dekads, months
from simulator.draws import Floats
from simulator.oracle.replay import World, given_treatments
from simulator.society import Society
from simulator.treatments import Assignments

SMALL = 2
COOL_DOWN = 1
"""Lists that a group is left out of after a visit."""


@dataclass(frozen=True)
class Lists:
    """When lists are made, and how long they are.

    Attributes:
        first, last: Months of the world, from 1, at whose ends they are made.
        share: Share of the groups that can be listed that is visited.
    """

    first: int
    last: int
    share: float


def live(
    world: World,
    county: int,
    rows: pd.DataFrame,
    practice: Practice,
    policy: tuple[str, str],
    lists: Lists,
    seed: int,
) -> pd.DataFrame:
    """Live through a county with the lists of a policy.

    Args:
        world: Its parameters and what its operator gave; see ``loop_truth.world_of``.
        county: Its number.
        rows: What was known and scored on the days of the lists: ``month``, ``group_id`` and what
            policies read.
        practice: Actions and beliefs.
        policy: By what it ranks, and how it chooses actions.
        lists: When, and how long.
        seed: Of whatever a policy leaves to chance.

    Returns:
        One row a visit: ``month``, ``group_id``, ``action``, ``gone`` (had moved by then), ``p0``
        and ``p1`` (chance to move within 90 days without and with it), ``accepted``.
    """
    society = Society(world.preset, world.seed, county)
    ids = np.array(society.groups.ids(), dtype=object)
    given = given_treatments(world, county, ids.tolist())
    memory, found = _Memory(), []
    rng = np.random.default_rng([seed, world.seed, county])
    listed: pd.DataFrame | None = None
    for dekad in _until(world, lists.last + 1):
        society.step(dekad)
        if dekad.last in given:
            society.treat(given[dekad.last], society.present(dekad).risk(), dekad)
        month = dekad.month.index + 1
        if dekad.first == dekad.month.first and lists.first <= month - 1 <= lists.last:
            here = memory.known(rows[rows["month"] == month - 1], month - 1)
            listed = _listed(here, society, practice, policy, lists.share, dekad, rng)
            visits = _visited(listed, ids, society, dekad)
            memory.note(visits, month - 1)
            found.append(visits.assign(month=month - 1))
    return pd.concat(found, ignore_index=True)


class _Memory:
    """What earlier visits of ours told, and the last score of each group."""

    def __init__(self) -> None:
        self._visits = pd.DataFrame(
            {"group_id": pd.Series(dtype=object), "accepted": pd.Series(dtype=bool), "month": 0}
        )
        self._last = pd.DataFrame()

    def known(self, rows: pd.DataFrame, month: int) -> pd.DataFrame:
        """The groups that can be listed, with what our visits told beside what the log did."""
        stale = self._last
        if len(stale):
            stale = stale[~stale["group_id"].isin(rows["group_id"])]
        here = pd.concat([rows, stale], ignore_index=True) if len(stale) else rows.copy()
        self._last = here
        lately = self._visits["month"] >= month - COOL_DOWN
        here = here[~here["group_id"].isin(self._visits.loc[lately, "group_id"])].copy()
        told = self._visits.assign(
            took=self._visits["accepted"].astype(int),
            left=1 - self._visits["accepted"].astype(int),
            since=np.where(
                self._visits["accepted"], 30.0 * (month - self._visits["month"]), np.nan
            ),
        )
        summed = told.groupby("group_id").agg(
            took=("took", "sum"), left=("left", "sum"), since=("since", "min")
        )
        ours = summed.reindex(here["group_id"])
        here["accepted"] += ours["took"].fillna(0).to_numpy()
        here["refused"] += ours["left"].fillna(0).to_numpy()
        here["since_accepted"] = np.fmin(
            here["since_accepted"].to_numpy(np.float64), ours["since"].to_numpy(np.float64)
        )
        return here.reset_index(drop=True)

    def note(self, visits: pd.DataFrame, month: int) -> None:
        """Keep what became of the visits of a list; who had gone is not visited again."""
        told = visits[["group_id", "accepted"]].assign(month=month)
        self._visits = pd.concat([self._visits, told], ignore_index=True)
        gone = visits.loc[visits["gone"], "group_id"]
        self._last = self._last[~self._last["group_id"].isin(gone)]


def _listed(
    here: pd.DataFrame,
    society: Society,
    practice: Practice,
    policy: tuple[str, str],
    share: float,
    dekad: Dekad,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """The groups of a list, each with its action."""
    by, how = policy
    most = round(share * len(here))
    if by == "oracle":
        gain = _gains(here, society, practice, dekad)
        best = gain.max(axis=0)
        top = np.argsort(-best, kind="stable")[:most]
        codes = [practice.codes[n] for n in gain[:, top].argmax(axis=0)]
        return here.iloc[top].assign(action=codes)
    top = np.argsort(-wishes(here, practice, by, rng), kind="stable")[:most]
    chosen = here.iloc[top]
    return chosen.assign(action=offered(chosen, practice, how, rng))


def _gains(here: pd.DataFrame, society: Society, practice: Practice, dekad: Dekad) -> Floats:
    """What each action would truly take from each group's risk: actions × groups."""
    now = society.present(dekad)
    risk = now.risk()
    place = _places(society, here)
    return np.array([(risk - now.risk_if(code, risk))[place] for code in practice.codes])


def _visited(listed: pd.DataFrame, ids: np.ndarray, society: Society, dekad: Dekad) -> pd.DataFrame:
    """Treat the groups of a list that have not gone; what it changes."""
    place = _places(society, listed)
    gone = society.rivalry.moved[place]
    now = society.present(dekad)
    risk = now.risk()
    actions = listed["action"].tolist()
    some = np.flatnonzero(~gone)
    assigned = Assignments(place[some], tuple(actions[n] for n in some))
    path = society.treatments.outlook_given(
        assigned, society.rivalry.lever, risk, dekad, now.outlook.ahead
    )
    after = now.risk(path)
    society.treat(assigned, risk, dekad)
    return pd.DataFrame(
        {
            "group_id": ids[place],
            "action": actions,
            "gone": gone,
            "p0": risk[place],
            "p1": np.where(gone, risk[place], after[place]),
            "accepted": ~gone & society.treatments.accepted[place],
        }
    )


def _places(society: Society, rows: pd.DataFrame) -> np.ndarray:
    number: Mapping[str, int] = {group: n for n, group in enumerate(society.groups.ids())}
    return np.array([number[group] for group in rows["group_id"]], dtype=np.int64)


def _until(world: World, last: int) -> Iterator[Dekad]:
    for month in months(world.preset.world.start, last):
        yield from dekads(month)
