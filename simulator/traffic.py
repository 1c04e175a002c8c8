"""What members' phones do in a month, given the hidden states: minutes, messages, data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator import draws as random
from simulator.dekads import NEVER, Month
from simulator.draws import Draws, Floats, Ints
from simulator.members import Members
from simulator.population import Groups
from simulator.preset import Preset
from simulator.rivalry import INTENT


@dataclass(frozen=True)
class Presence:
    """Members on net in a month: who, for how many days, how many of these with a rival SIM."""

    who: Ints
    days: Ints
    dual_days: Ints
    last: Ints

    def share(self, month: Month, dual_factor: Floats | float) -> Floats:
        """The part of a full month's use that is left."""
        dual = self.dual_days / month.days
        return self.days / month.days - dual * (1.0 - dual_factor)


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


def presence(members: Members, month: Month) -> Presence:
    """Who was on net and in a group at some time in the month."""
    first = np.maximum(month.first, members.opened)
    last = np.minimum(month.last, members.off - 1)
    who = np.flatnonzero((members.left > month.first) & (last >= first))
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
    month: Month,
) -> Traffic:
    """Draw the minutes of a month; ``state`` is that of each group at the month's end."""
    u = preset.usage
    who, key = there.who, members.key[there.who]
    group = members.group[who]
    season = u.season.get(str(month.number), 1.0)
    level = members.mou[who] * season * common_noise(preset, draws, members, who, month)

    def minutes(process: str, factor: Floats) -> Ints:
        own = np.exp(u.sigma_separate * draws.normal(process, key, month.index))
        return np.minimum(np.rint(level * factor * own), 44_000).astype(np.int64)

    out = minutes("usage.out", there.share(month, members.dual_out[who]))
    into = minutes("usage.in", u.inbound * there.share(month, u.dual_in))
    to_rivals, from_rivals = _rival_shares(preset, draws, groups, key, group, state, month)
    fixed = np.rint(out * u.fixed_share * 2 * draws.uniform("usage.fixed", key, month.index))
    fixed = fixed.astype(np.int64)
    out_rival = np.rint((out - fixed) * to_rivals).astype(np.int64)
    in_rival = np.rint(into * (1 - u.fixed_share) * from_rivals).astype(np.int64)
    in_onnet = np.rint((into - in_rival) * (1 - u.fixed_share)).astype(np.int64)
    out_onnet = out - fixed - out_rival
    vnet = _vnet(preset, draws, members, state, there, month)
    half = 0.4 + 0.2 * draws.uniform("usage.vnet.half", key, month.index)
    vnet_out = np.minimum(np.rint(vnet * half), out_onnet).astype(np.int64)
    vnet_in = np.minimum(np.rint(vnet) - vnet_out, in_onnet).astype(np.int64)
    return Traffic(out, fixed, out_rival, out_onnet, into, in_rival, in_onnet, vnet_out, vnet_in)


def common_noise(preset: Preset, draws: Draws, members: Members, who: Ints, month: Month) -> Floats:
    """How busy a month is for each member, out and in alike; 1 on average."""
    sigma = preset.usage.sigma_common
    z = draws.normal("usage.common", members.key[who], month.index)
    return np.exp(sigma * z - sigma**2 / 2)


def _rival_shares(
    preset: Preset,
    draws: Draws,
    groups: Groups,
    key: random.Bits,
    group: Ints,
    state: Ints,
    month: Month,
) -> tuple[Floats, Floats]:
    """Rivals' part of outgoing minutes, higher while a group is wooed, and of incoming ones."""
    e = preset.emission
    calm = e.rival_base + e.rival_eps * groups.eps
    shared = e.rival_sd_group * draws.normal("usage.rival.group", groups.index, month.index)
    stirred = calm + np.array(e.rival_state)[np.minimum(state, INTENT)] + shared
    own = e.rival_sd_member * draws.normal("usage.rival", key, month.index)
    back = e.rival_sd_member * draws.normal("usage.rival.in", key, month.index)
    return random.logistic(stirred[group] + own), random.logistic((calm + shared)[group] + back)


def _vnet(
    preset: Preset, draws: Draws, members: Members, state: Ints, there: Presence, month: Month
) -> Floats:
    """V-net minutes, both directions; some users have none."""
    u = preset.usage
    who, key = there.who, members.key[there.who]
    z = draws.normal("usage.vnet", key, month.index)
    z = np.sqrt(u.vnet_persistence) * members.vnet_z[who] + np.sqrt(1 - u.vnet_persistence) * z
    minutes = np.exp(u.vnet_mu + u.vnet_sigma * z) * there.share(month, u.dual_vnet)
    minutes *= np.where(state[members.group[who]] >= INTENT, u.intent_vnet, 1.0)
    minutes *= u.season.get(str(month.number), 1.0)
    silent = draws.happens("usage.vnet.none", u.vnet_zero, key, month.index)
    return np.where(members.vnet[who] & ~silent, minutes, 0.0)
