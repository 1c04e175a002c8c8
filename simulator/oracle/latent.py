"""O1: the risk that one would state who sees every hidden state, though not the future."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.dekads import Dekad, following
from simulator.draws import Floats, Ints
from simulator.locking import Locking, Outlook
from simulator.members import Members
from simulator.oracle import chain
from simulator.population import Groups
from simulator.preset import Preset
from simulator.rivalry import Rivalry
from simulator.treatments import Treatments

AHEAD = 11
"""Dekads to look ahead: 90 days from any day of a dekad end within them."""
HORIZON_DAYS = 90


@dataclass(frozen=True)
class Present:
    """A county at the end of a dekad, as its simulator knows it."""

    preset: Preset
    groups: Groups
    rivalry: Rivalry
    treatments: Treatments
    outlook: Outlook
    dekad: Dekad

    def belief(self) -> Floats:
        """Everything on the true states."""
        groups, rivalry = self.groups, self.rivalry
        return chain.certain(rivalry.campaign[groups.area], rivalry.state, groups.theta)

    def chances(
        self, belief: Floats, relief: Floats | None = None, key_lost_dekad: Ints | None = None
    ) -> Floats:
        """How likely each group has moved by the end of each dekad ahead: dekads × groups.

        Args:
            belief: See ``chain``.
            relief: What treatments add in each dekad ahead; by default those given so far.
            key_lost_dekad: When each group lost a key person; by default when it truly did.
        """
        path = self.treatments.outlook(self.outlook.ahead) if relief is None else relief
        rivalry = self.rivalry
        return chain.roll_forward(
            self.preset,
            self.groups,
            np.where(rivalry.moved, 0.0, belief),
            self.outlook,
            path,
            rivalry.key_lost_dekad if key_lost_dekad is None else key_lost_dekad,
            rivalry.moves,
        )

    def risk(self, relief: Floats | None = None) -> Floats:
        """Chance of each group to move within 90 days of the dekad's end; 0 for those gone.

        Args:
            relief: What treatments add in each dekad ahead; by default those given so far.
        """
        return within(self.chances(self.belief(), relief), self.outlook, self.dekad.last)

    def risk_if(self, action: str, risk: Floats) -> Floats:
        """``risk`` if every group were given ``action`` now; ``risk`` is that without."""
        path = self.treatments.outlook_if(
            action, self.rivalry.lever, risk, self.dekad, self.outlook.ahead
        )
        return self.risk(path)


def present(
    preset: Preset,
    groups: Groups,
    members: Members,
    locking: Locking,
    rivalry: Rivalry,
    treatments: Treatments,
    dekad: Dekad,
) -> Present:
    """The county at the end of a dekad, looking ahead."""
    outlook = locking.outlook(members, following(dekad, AHEAD))
    return Present(preset, groups, rivalry, treatments, outlook, dekad)


def within(chances: Floats, outlook: Outlook, day: int, days: int = HORIZON_DAYS) -> Floats:
    """Chance to move in the ``days`` after ``day``, given that a group has not moved by then.

    Args:
        chances: To have moved by the end of each dekad ahead: dekads × groups.
        day: The last day of the dekad before those ahead, or a day of the first of them; moves
            are as likely on every day of a dekad.
    """
    ends = np.array([outlook.ahead[0].first - 1, *(dekad.last for dekad in outlook.ahead)])
    reached = np.vstack([np.zeros(chances.shape[1]), chances])

    def by(moment: int) -> Floats:
        after = int(np.searchsorted(ends, moment, side="left"))
        if after == 0:
            return np.asarray(reached[0])
        part = (moment - ends[after - 1]) / (ends[after] - ends[after - 1])
        return np.asarray(reached[after - 1] + part * (reached[after] - reached[after - 1]))

    return np.asarray((by(day + days) - by(day)) / (1.0 - by(day)))
