"""The members: people's numbers, what they use, and where they stand."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from simulator import draws as random
from simulator.dekads import LONG_AGO, NEVER
from simulator.draws import Bits, Draws, Flags, Floats, Ints
from simulator.population import Groups
from simulator.preset import Preset

SOLE, DUAL, GONE = 0, 1, 2
KEY_PERSON, CONTACT, KEY_MEMBER, ORDINARY = 0, 1, 2, 3
ROLES = ("key_person", "contact", "key_member", "ordinary")


@dataclass
class Members:
    """Every member that the world has had so far; one element each, in order of arrival.

    ``key`` is the identity that random numbers hang on: it depends only on the group, the dekad of
    joining and the place among those who joined then. Days are day numbers; ``off`` is the first
    day off the net, ``left`` the first day out of the group, ``dual_from`` and ``dual_to`` the
    newest spell with a rival SIM, ``entered`` the first day in the group, ``joined`` that in the
    present role. ``cell`` numbers the members of a group.
    """

    key: Bits
    group: Ints
    cell: Ints
    role: Ints
    state: Ints
    opened: Ints
    entered: Ints
    joined: Ints
    left: Ints
    off: Ints
    dual_from: Ints
    dual_to: Ints
    move_dekad: Ints
    moves_hard: Flags
    mou: Floats
    arpu: Floats
    dual_out: Floats
    vnet: Flags
    pkgmin: Flags
    vnet_z: Floats
    short_sms: Flags
    sms: Floats
    data: Floats

    @property
    def count(self) -> int:
        """How many members there have been so far."""
        return len(self.key)

    @property
    def here(self) -> Flags:
        """On net and in a group."""
        here: Flags = (self.off == NEVER) & (self.left == NEVER)
        return here

    def user_ids(self, start: int = 0) -> list[str]:
        """The operator's keys of members from ``start`` on: 17 digits that say nothing."""
        scrambled = _scramble(self.key[start:])
        return [f"89{x:015d}" for x in scrambled.tolist()]

    def add(self, other: Members) -> None:
        """Put ``other`` behind the members that are there."""
        for field in fields(self):
            mine, theirs = getattr(self, field.name), getattr(other, field.name)
            setattr(self, field.name, np.concatenate([mine, theirs]))


def initial(preset: Preset, draws: Draws, groups: Groups, start: int) -> Members:
    """The members on the first day, ``start``."""
    group = np.repeat(groups.index, groups.size)
    cell = np.arange(len(group)) - np.repeat(np.cumsum(groups.size) - groups.size, groups.size)
    key = identity(groups.county, group, 0, cell)
    joined = start - draws.whole("member.joined", 30, 1800, key)
    members = _born(preset, draws, groups, group, cell, key, joined)
    members.role = _roles(preset, draws, groups, members)
    members.opened = joined - draws.whole("member.opened", 0, 2000, key)
    dual = draws.happens(
        "member.initial_dual", preset.member.initial_dual * preset.member.diversion, key
    )
    members.state = np.where(dual, DUAL, SOLE)
    members.dual_from = np.where(dual, start - draws.whole("member.dual_age", 1, 300, key), NEVER)
    return members


def joiners(
    preset: Preset, draws: Draws, groups: Groups, group: Ints, cell: Ints, joined: Ints, dekad: int
) -> Members:
    """People who join groups in a dekad: new numbers, or old ones that were in no group."""
    first = np.searchsorted(group, group, side="left")
    key = identity(groups.county, group, dekad + 1, np.arange(len(group)) - first)
    members = _born(preset, draws, groups, group, cell, key, joined)
    older = joined - draws.whole("member.opened", 90, 2000, key)
    new = draws.happens("member.new_number", preset.member.new_number, key)
    members.opened = np.where(new, joined, older)
    return members


def identity(county: int, group: Ints, batch: int, place: Ints) -> Bits:
    """48 bits: county (7), group (13), dekad of joining plus one or 0 (10), place in it (18)."""
    return ((county << 41) | (group << 28) | (batch << 18) | place).astype(np.uint64)


def _born(
    preset: Preset, draws: Draws, groups: Groups, group: Ints, cell: Ints, key: Bits, joined: Ints
) -> Members:
    u, bill = preset.usage, preset.bill
    tier = groups.tier[group]
    chance = draws.uniform("member.mou", key)
    z = random.normal_quantile(chance)
    spend = bill.mou_corr * z + np.sqrt(1.0 - bill.mou_corr**2) * draws.normal("member.arpu", key)
    inside = np.divide(
        u.vnet_penetration.at(tier),
        u.vnet_groups.at(tier),
        where=u.vnet_groups.at(tier) > 0,
        out=np.zeros(len(key)),
    )
    vnet = groups.has_vnet[group] & draws.happens("member.vnet", inside, key)
    own = draws.normal("member.vnet_z", key)
    width = u.dual_out_high - u.dual_out_low
    return Members(
        key=key,
        group=group,
        cell=cell,
        role=np.full(len(key), ORDINARY),
        state=np.full(len(key), SOLE),
        opened=joined,
        entered=joined,
        joined=joined,
        left=np.full(len(key), NEVER),
        off=np.full(len(key), NEVER),
        dual_from=np.full(len(key), NEVER),
        dual_to=np.full(len(key), NEVER),
        move_dekad=np.full(len(key), LONG_AGO),
        moves_hard=np.zeros(len(key), dtype=bool),
        mou=u.mou_out_mean.at(tier) * groups.mou_factor[group] * random.gamma(chance, u.mou_shape),
        arpu=bill.arpu_mean.at(tier) * np.exp(bill.sigma * spend - bill.sigma**2 / 2),
        dual_out=u.dual_out_low + width * draws.uniform("member.dual_out", key),
        vnet=vnet,
        pkgmin=draws.happens("member.pkgmin", u.vnet_pkgmin, key),
        vnet_z=u.vnet_mou_corr * z + np.sqrt(1.0 - u.vnet_mou_corr**2) * own,
        short_sms=vnet & draws.happens("member.short_sms", u.short_sms_attach, key),
        sms=u.sms_mean * random.gamma(draws.uniform("member.sms", key), 1.0),
        data=_data(preset, draws, key),
    )


def _roles(preset: Preset, draws: Draws, groups: Groups, members: Members) -> Ints:
    """Key persons come first, then one contact; some of the others are key members."""
    p = preset.member
    tier = groups.tier[members.group]
    leaders = p.key_persons.at(tier)
    chosen = draws.happens("member.key_member", p.key_member_share.at(tier), members.key)
    role = np.where(chosen, KEY_MEMBER, ORDINARY)
    role = np.where(members.cell == leaders, CONTACT, role)
    return np.where(members.cell < leaders, KEY_PERSON, role)


def _data(preset: Preset, draws: Draws, key: Bits) -> Floats:
    u = preset.usage
    kilobytes = np.exp(u.data_mu_kb + u.data_sigma * draws.normal("member.data", key))
    return np.where(draws.happens("member.data_user", u.data_users, key), kilobytes, 0.0)


def _scramble(key: Bits) -> Bits:
    """Mix 48 bits one to one, so that no two members share an id."""
    low = np.uint64((1 << 48) - 1)
    for factor in (0x9E3779B97F4B, 0xC2B2AE3D27D5):
        key = (key * np.uint64(factor)) & low
        key = key ^ (key >> np.uint64(25))
    return key
