"""What members' phones do in a dekad, given the hidden states: minutes, messages, data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator import draws as random
from simulator.dekads import NEVER, Dekad, Month
from simulator.draws import Bits, Draws, Floats, Ints
from simulator.dynamics import INTENT
from simulator.members import Members
from simulator.population import Groups
from simulator.preset import Preset

MOST_MINUTES = 1_400
"""Of a day in each direction."""


@dataclass(frozen=True)
class Presence:
    """Members on net in a period: who, for how many days, how many of these with a rival SIM."""

    who: Ints
    days: Ints
    dual_days: Ints
    last: Ints

    def share(self, period: Month | Dekad, dual_factor: Floats | float) -> Floats:
        """The part of a full period's use that is left."""
        dual = self.dual_days / period.days
        return self.days / period.days - dual * (1.0 - dual_factor)


@dataclass(frozen=True)
class Traffic:
    """Minutes by direction and network, one element for each member present."""

    out: Ints
    out_fixed: Ints
    out_rival: Ints
    out_onnet: Ints
    into: Ints
    in_rival: Ints
    in_onnet: Ints
    vnet_out: Ints
    vnet_in: Ints


def presence(members: Members, period: Month | Dekad) -> Presence:
    """Who was on net and in a group at some time in the period."""
    first = np.maximum(period.first, members.opened)
    last = np.minimum(period.last, members.off - 1)
    who = np.flatnonzero((members.left > period.first) & (last >= first))
    first, last = first[who], last[who]
    ends = np.minimum(last, members.dual_to[who] - 1)
    dual = np.maximum(ends - np.maximum(first, members.dual_from[who]) + 1, 0)
    return Presence(who, last - first + 1, np.where(members.dual_from[who] == NEVER, 0, dual), last)


def traffic(
    preset: Preset,
    draws: Draws,
    groups: Groups,
    members: Members,
    state: Ints,
    there: Presence,
    dekad: Dekad,
) -> Traffic:
    """Draw the minutes of a dekad; ``state`` is that of each group at the dekad's end."""
    u = preset.usage
    who, key = there.who, members.key[there.who]
    group = members.group[who]
    part = dekad.days / dekad.month.days * u.season.get(str(dekad.month.number), 1.0)
    busy = common_noise(preset, draws, key, dekad.month) * _dekad_noise(preset, draws, key, dekad)
    level = members.mou[who] * part * busy

    def minutes(process: str, factor: Floats) -> Ints:
        own = np.exp(u.sigma_separate * draws.normal(process, key, dekad.index))
        drawn = np.rint(level * factor * own)
        return np.minimum(drawn, MOST_MINUTES * dekad.days).astype(np.int64)

    out = minutes("usage.out", there.share(dekad, members.dual_out[who]))
    into = minutes("usage.in", u.inbound * there.share(dekad, u.dual_in))
    to_rivals, from_rivals = _rival_shares(preset, draws, groups, key, group, state, dekad)
    fixed = np.rint(out * u.fixed_share * 2 * draws.uniform("usage.fixed", key, dekad.index))
    fixed = fixed.astype(np.int64)
    out_rival = np.rint((out - fixed) * to_rivals).astype(np.int64)
    in_rival = np.rint(into * (1 - u.fixed_share) * from_rivals).astype(np.int64)
    in_onnet = np.rint((into - in_rival) * (1 - u.fixed_share)).astype(np.int64)
    out_onnet = out - fixed - out_rival
    vnet = _vnet(preset, draws, members, state, there, dekad)
    half = 0.4 + 0.2 * draws.uniform("usage.vnet.half", key, dekad.index)
    vnet_out = np.minimum(np.rint(vnet * half), out_onnet).astype(np.int64)
    vnet_in = np.clip(np.rint(vnet) - vnet_out, 0, in_onnet).astype(np.int64)
    return Traffic(out, fixed, out_rival, out_onnet, into, in_rival, in_onnet, vnet_out, vnet_in)


def hotline_calls(
    preset: Preset, draws: Draws, key: Bits, state: Ints, there: Presence, dekad: Dekad
) -> tuple[Ints, Ints]:
    """Calls of each member to 10000 and to 10010; ``state`` is that of each member's group."""
    e = preset.emission
    rate = np.array(e.hotline)[np.minimum(state, INTENT)] * there.days / dekad.month.days
    telecom = draws.count("usage.10000", rate * e.hotline_telecom, key, dekad.index)
    unicom = draws.count("usage.10010", rate * (1 - e.hotline_telecom), key, dekad.index)
    return telecom, unicom


def common_noise(preset: Preset, draws: Draws, key: Bits, month: Month) -> Floats:
    """How busy a month is for each member, out and in alike; 1 on average."""
    sigma = preset.usage.sigma_month
    return np.exp(sigma * draws.normal("usage.common", key, month.index) - sigma**2 / 2)


def _dekad_noise(preset: Preset, draws: Draws, key: Bits, dekad: Dekad) -> Floats:
    sigma = preset.usage.sigma_dekad
    return np.exp(sigma * draws.normal("usage.dekad", key, dekad.index) - sigma**2 / 2)


def _rival_shares(
    preset: Preset,
    draws: Draws,
    groups: Groups,
    key: Bits,
    group: Ints,
    state: Ints,
    dekad: Dekad,
) -> tuple[Floats, Floats]:
    """Rivals' part of outgoing minutes, higher while a group is wooed, and of incoming ones."""
    e = preset.emission
    calm = e.rival_base + e.rival_eps * groups.eps
    shared = e.rival_sd_group * draws.normal("usage.rival.group", groups.index, dekad.index)
    stirred = calm + np.array(e.rival_state)[np.minimum(state, INTENT)] + shared
    own = e.rival_sd_member * draws.normal("usage.rival", key, dekad.index)
    back = e.rival_sd_member * draws.normal("usage.rival.in", key, dekad.index)
    return random.logistic(stirred[group] + own), random.logistic((calm + shared)[group] + back)


def _vnet(
    preset: Preset, draws: Draws, members: Members, state: Ints, there: Presence, dekad: Dekad
) -> Floats:
    """V-net minutes, both directions; some users have none in a month."""
    u, month = preset.usage, dekad.month
    who, key = there.who, members.key[there.who]
    z = draws.normal("usage.vnet", key, month.index)
    z = np.sqrt(u.vnet_persistence) * members.vnet_z[who] + np.sqrt(1 - u.vnet_persistence) * z
    minutes = np.exp(u.vnet_mu + u.vnet_sigma * z) * there.share(dekad, u.dual_vnet)
    minutes *= np.where(state[members.group[who]] >= INTENT, u.intent_vnet, 1.0)
    minutes *= dekad.days / month.days * u.season.get(str(month.number), 1.0)
    silent = draws.happens("usage.vnet.none", u.vnet_zero, key, month.index)
    return np.where(members.vnet[who] & ~silent, minutes, 0.0)
