"""The kinds of parameters of the operator's retention: whom it alerts, whom it treats, and how.

Values, units and sources stand in ``presets/*.yaml``; what a parameter does is said here.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.draws import dekad_hazard
from simulator.parameters import Shares


@dataclass(frozen=True)
class Alert:
    """The operator's rules for alerts, and what becomes of them.

    A report counts for ``report_days`` after it was loaded, together with contracts that end soon
    for ``older_report_days``. A surge is at least ``hotline_calls`` calls to rivals' hotlines in a
    month, and ``hotline_per_member`` for each member, among the rows loaded by ``hotline_day``.
    Contracts end soon where those of ``expiry_share`` of the members end within ``expiry_days``;
    only those count that were signed ``expiry_known_days`` ago, which the warehouse has by now.

    A case is given out within ``dispatch_days``, is due ``due_days`` later by its level, and leads
    to a contact with probability ``contact`` (times ``contact_desk`` where a group has no manager
    and the desk calls), at latest ``contact_late`` times as late as it is due. Feedback comes
    within ``feedback_days``: it tells a loss with probability ``sees_loss``, a rival's offer that
    works with ``sees_rival``, and where nobody was met that so it is with ``told_unreachable``.
    After ``verify_days`` the data decide and the case is closed: a group that moved at least
    ``verify_lag_days`` earlier shows with probability ``verify_sees``, another one looks like it
    with ``verify_errs``. Then the group is left alone for ``quiet_days``, unless its level rises.
    """

    report_days: int
    older_report_days: int
    hotline_calls: float
    hotline_per_member: float
    hotline_day: int
    expiry_days: int
    expiry_share: float
    expiry_known_days: int
    dispatch_days: tuple[float, ...]
    due_days: Shares
    contact: Shares
    contact_desk: float
    contact_late: float
    feedback_days: int
    sees_loss: float
    sees_rival: float
    told_unreachable: float
    verify_days: int
    verify_lag_days: int
    verify_sees: float
    verify_errs: float
    quiet_days: int


@dataclass(frozen=True)
class Treatment:
    """Retention treatments: who would respond how, what each does, and who was given one.

    ``persuadable`` … ``sleeping_dog`` are log-odds of each kind of response: constant, driven by
    price, without a manager, never met, and for each standard deviation (``risk_sd`` about
    ``risk_mean``) of the log-odds of the 90-day risk. ``delta`` is what a treatment then adds to
    the log-odds of moving, times ``aptness`` (by action and the rival's lever, "ACTION.lever" or
    "ACTION.other") where a group is persuadable.

    ``logged`` scales the operator's own policy, whose propensity has the log-odds ``policy`` in a
    dekad; ``controls`` of those whom it passed over are written down. Groups with an orange or
    yellow alert are held out with probability ``holdout``; ``random`` of those without an alert
    are treated at random. An action fails to reach a group unless it is ``reached``; what is
    refused costs ``refused_cost`` of its price, and whether it was accepted can stay unknown. It is
    done within ``done_days``. Campaigns have money to treat ``planned`` of the groups.
    """

    logged: float
    from_month: int
    cooldown_dekads: int
    policy: Shares
    controls: float
    holdout: float
    random: float
    reached: float
    done_days: tuple[float, ...]
    accepted_unknown: float
    refused_cost: float
    planned: float
    mix_c: Shares
    mix_ab: Shares
    cost_yuan: Shares
    aptness: Shares
    delta: Shares
    decay: float
    lock_gain: Shares
    lock_months: int
    price_driven: float
    never_met: float
    risk_mean: float
    risk_sd: float
    persuadable: tuple[float, ...]
    lost_cause: tuple[float, ...]
    sure_thing: tuple[float, ...]
    sleeping_dog: tuple[float, ...]

    @property
    def dekad_decay(self) -> float:
        """The share of an effect that is left after a dekad."""
        return 1.0 - float(dekad_hazard(1.0 - self.decay))

    def actions(self) -> list[str]:
        """Every action that the operator takes, in alphabetical order."""
        return sorted({*self.mix_c, *self.mix_ab})

    def apt(self, action: str, lever: str | None) -> float:
        """How apt an action is against a rival's lever."""
        other = self.aptness[f"{action}.other"]
        return self.aptness.get(f"{action}.{lever}", other) if lever else other
