"""The operator's own retention practice: whom it alerts, whom it treats, and how likely that was.

It knows only what ``Known`` says: what the warehouse had by the end of the dekad.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator import draws as random
from simulator.dekads import LONG_AGO, Dekad
from simulator.draws import Draws, Flags, Floats, Ints
from simulator.population import TIERS, Groups
from simulator.preset import Preset
from simulator.treatments import Assignments

LEVELS = ("red", "orange", "yellow", "blue")
RED, ORANGE, YELLOW, BLUE, NO_ALERT = range(5)
REASONS = ("survey_yes", "rival_report", "hotline_surge", "contracts_end")
ARMS = ("treat", "control", "holdout")
TREAT, CONTROL, HOLDOUT = range(3)
PASSED_OVER = -1
CHOOSERS = ("AM", "random")
MANAGER, LOT = range(2)
DIGITS = 4
"""Of a propensity as the contract keeps it: chances are rounded first, so that the log is exact."""
SMALL = TIERS.index("C")


@dataclass(frozen=True)
class Known:
    """What the office has on its books of each group at the end of a dekad.

    ``report`` is the day on which its newest report of the rival was loaded, ``wants`` that of the
    newest one whose survey says that the group intends to move; ``calls`` to rivals' hotlines are
    those of the last month delivered; contracts of ``ending`` of its members end soon; ``lost``
    marks groups that are known to have gone.
    """

    report: Ints
    wants: Ints
    calls: Ints
    ending: Floats
    lost: Flags


@dataclass(frozen=True)
class Opened:
    """Cases that begin; ``reasons`` has a row for each of ``REASONS``.

    ``held`` cases are never acted upon. A case that ``replaces`` one of lower level ends that.
    """

    group: Ints
    level: Ints
    held: Flags
    reasons: Flags
    replaces: Flags


@dataclass(frozen=True)
class Choices:
    """What was chosen for some groups, none of them twice.

    ``chance`` is how likely each was, before the lots of this dekad were drawn, to be treated by
    this ``chooser``; ``action`` what it got or would have got; ``reached`` whether it got it.
    """

    group: Ints
    arm: Ints
    chooser: Ints
    chance: Floats
    action: tuple[str, ...]
    reached: Flags

    def pick(self, flags: Flags) -> Choices:
        """Some of the choices."""
        names = tuple(a for a, chosen in zip(self.action, flags.tolist(), strict=True) if chosen)
        return Choices(
            self.group[flags],
            self.arm[flags],
            self.chooser[flags],
            self.chance[flags],
            names,
            self.reached[flags],
        )

    def assigned(self) -> Assignments:
        """The groups that are treated and reached."""
        some = self.pick(self.reached & (self.arm == TREAT))
        return Assignments(some.group, some.action)


class Retention:
    """The open case and the newest treatment of every group, moved on by ``decide``.

    ``level`` is that of each group's open case, or NO_ALERT.
    """

    def __init__(self, preset: Preset, draws: Draws, groups: Groups) -> None:
        self._preset, self._draws, self._groups = preset, draws, groups
        self.level = np.full(groups.count, NO_ALERT)
        self._held = np.zeros(groups.count, dtype=np.bool_)
        self._opened = np.full(groups.count, LONG_AGO)
        self._closed = np.full(groups.count, LONG_AGO)
        self._last_level = np.full(groups.count, NO_ALERT)
        self._treated = np.full(groups.count, LONG_AGO)
        self._size = _standardised_sizes(groups)

    def decide(self, known: Known, dekad: Dekad) -> tuple[Opened, Choices]:
        """Close and open cases at the end of a dekad, and choose whom to treat."""
        self._close(dekad)
        opened = self._open(known, dekad)
        return opened, self._choose(known, opened, dekad)

    def _close(self, dekad: Dekad) -> None:
        closing = self._opened + self._preset.alert.verify_days
        over = (self.level < NO_ALERT) & (closing <= dekad.last)
        self._closed[over], self._last_level[over] = closing[over], self.level[over]
        self.level[over], self._held[over] = NO_ALERT, False

    def _open(self, known: Known, dekad: Dekad) -> Opened:
        """Open cases where an alert is new, or worse than that of the open case."""
        groups = self._groups
        level, reasons = alerts(self._preset, groups, known, dekad.last)
        quiet = dekad.last - self._closed < self._preset.alert.quiet_days
        new = (level < self.level) & ~self._held & ~(quiet & (level >= self._last_level))
        lots = self._draws.happens(
            "alert.holdout", self._preset.treatment.holdout, groups.index, dekad.index
        )
        held = lots & can_be_held(groups.tier, level)
        who = np.flatnonzero(new)
        replaces = self.level[who] < NO_ALERT
        self.level[who], self._held[who], self._opened[who] = level[who], held[who], dekad.last
        return Opened(who, level[who], held[who], reasons[:, who], replaces)

    def _choose(self, known: Known, opened: Opened, dekad: Dekad) -> Choices:
        """Draw the lots of the trial first, then those of the operator's own policy."""
        p, groups = self._preset.treatment, self._groups
        arm = np.full(groups.count, PASSED_OVER)
        none = np.zeros(groups.count)
        if not 0 < p.from_month <= dekad.month.index + 1:
            return self._written(arm, arm, none, dekad)
        free = ~known.lost & (dekad.index - self._treated > p.cooldown_dekads)
        calm = self.level == NO_ALERT
        lot = round(float(random.dekad_hazard(p.random)), DIGITS)
        drawn = self._uniform("treatment.lot", dekad)
        in_trial = free & calm & (drawn < 2.0 * lot)
        arm[in_trial] = np.where(drawn < lot, TREAT, CONTROL)[in_trial]
        at_stake = np.zeros(groups.count, dtype=np.bool_)
        at_stake[opened.group] = can_be_held(groups.tier[opened.group], opened.level)
        # What the other lots leave to the policy: the trial's, or those for the holdout.
        left = np.where(calm, 1.0 - 2.0 * lot, np.where(at_stake, 1.0 - p.holdout, 1.0))
        chance = np.where(free, np.round(p.logged * self._wish(known, dekad) * left, DIGITS), 0.0)
        hit = self._uniform("treatment.policy", dekad) * left < chance
        noted = self._uniform("treatment.noted", dekad) < p.controls
        policy = free & ~self._held & ~in_trial
        arm[policy & hit] = TREAT
        arm[policy & ~hit & noted & (chance > 0)] = CONTROL
        if p.logged > 0:
            arm[opened.group[opened.held]] = HOLDOUT
        self._treated[arm == TREAT] = dekad.index
        chooser = np.where(in_trial, LOT, MANAGER)
        return self._written(arm, chooser, np.where(in_trial, lot, chance), dekad)

    def _wish(self, known: Known, dekad: Dekad) -> Floats:
        """How likely the operator's policy treats each group in a dekad."""
        weight = self._preset.treatment.policy
        reported = dekad.last - known.report <= self._preset.alert.report_days
        return random.logistic(
            weight["constant"]
            + weight["report"] * reported
            + weight["managed"] * self._groups.managed
            + weight["size_z"] * self._size
            + weight["alert"] * (self.level < NO_ALERT)
        )

    def _written(self, arm: Ints, chooser: Ints, chance: Floats, dekad: Dekad) -> Choices:
        who = np.flatnonzero(arm != PASSED_OVER)
        reached = self._draws.happens(
            "treatment.reached", self._preset.treatment.reached, who, dekad.index
        )
        action = self._actions(who, dekad)
        return Choices(who, arm[who], chooser[who], chance[who], action, reached)

    def _actions(self, who: Ints, dekad: Dekad) -> tuple[str, ...]:
        """The action that each group would get, whatever the lots say."""
        p, draws = self._preset.treatment, self._draws
        small = self._groups.tier[who] == SMALL
        names_c, weights_c = random.weights(p.mix_c)
        names_ab, weights_ab = random.weights(p.mix_ab)
        c = draws.choice("treatment.action.c", weights_c, who, dekad.index)
        ab = draws.choice("treatment.action.ab", weights_ab, who, dekad.index)
        return tuple(
            names_c[i] if is_small else names_ab[j]
            for is_small, i, j in zip(small.tolist(), c.tolist(), ab.tolist(), strict=True)
        )

    def _uniform(self, process: str, dekad: Dekad) -> Floats:
        return self._draws.uniform(process, self._groups.index, dekad.index)


def alerts(preset: Preset, groups: Groups, known: Known, day: int) -> tuple[Ints, Flags]:
    """The level of alert that the rules give each group on a day, and which reasons there are.

    Red: a survey says that the group intends to move. Orange: a report. Yellow: a surge of calls to
    rivals' hotlines, or an older report and contracts that end soon. Blue: contracts that end soon.
    """
    p = preset.alert
    wants = day - known.wants <= p.report_days
    reported = day - known.report <= p.report_days
    older = day - known.report <= p.older_report_days
    surge = known.calls >= np.maximum(p.hotline_calls, p.hotline_per_member * groups.size)
    ending = known.ending >= p.expiry_share
    level = np.select(
        [wants, reported, surge | (older & ending), ending], [RED, ORANGE, YELLOW, BLUE], NO_ALERT
    )
    return np.where(known.lost, NO_ALERT, level), np.array([wants, reported, surge, ending])


def can_be_held(tier: Ints, level: Ints) -> Flags:
    """Which cases can be drawn into the holdout: small groups in no immediate danger."""
    return np.asarray((tier == SMALL) & np.isin(level, (ORANGE, YELLOW)), dtype=np.bool_)


def _standardised_sizes(groups: Groups) -> Floats:
    """The logarithm of each size, standardised among large groups (A, B) or small ones."""
    logs = np.log(groups.size)
    z = np.zeros(groups.count)
    for small in (False, True):
        like = (groups.tier == SMALL) == small
        if like.any():
            z[like] = (logs[like] - logs[like].mean()) / max(float(logs[like].std()), 1e-9)
    return z
