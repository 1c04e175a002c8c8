"""member and membership_hist: whose numbers they are, and which group they belong to."""

from __future__ import annotations

import numpy as np

from simulator.behaviour import APPOINTED, OFF_NET, REASONS, Leavers
from simulator.cells import dates, known, moments, pick
from simulator.dekads import NEVER, Dekad, Month
from simulator.delays import office_hours
from simulator.draws import Bits, Flags, Ints
from simulator.members import GONE, ROLES
from simulator.office import InOrder, Office, midnight
from simulator.society import Happenings

SHORT_NUMBERS_FROM = 61_000
SHORT_NUMBERS_TO = 69_999


class People:
    """Sends all members first, then each change of status and of membership."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._numbers, self._memberships = InOrder(), InOrder()

    def begin(self) -> None:
        """Send every member and every membership."""
        members = self._office.society.members
        who = np.arange(members.count)
        key = members.key
        load = self._numbers.settle(who, self._office.first_load(key))
        opened = midnight(members.opened)
        self._send_members(who, "active", opened, load, "I")
        load = self._memberships.settle(who, self._office.first_load(key))
        self._send_start(who, load)

    def dekad(self, happenings: Happenings, dekad: Dekad) -> None:
        """Send new members, changes of status, ends and starts of memberships."""
        doings = happenings.doings
        members = self._office.society.members
        fresh = np.arange(doings.fresh, members.count)
        load = self._office.load("member", members.key[fresh], members.joined[fresh])
        self._send_members(
            fresh, "active", midnight(members.opened[fresh]), self._numbers.settle(fresh, load), "I"
        )
        changes = doings.changes
        gone = changes.state == GONE
        self._send_gone(changes.member[gone], members.off[changes.member[gone]])
        self._send_end(doings.leavers)
        joined = doings.joined
        load = self._office.load(
            "membership_hist", members.key[joined], members.joined[joined], members.joined[joined]
        )
        self._send_start(joined, self._memberships.settle(joined, load))

    def month(self, month: Month) -> None:
        """Only changes are sent after the first delivery."""

    def _send_gone(self, who: Ints, day: Ints) -> None:
        """Those who cancel are off at once; the others drift through retention for months."""
        office = self._office
        members, draws, delivery = office.society.members, office.draws, office.preset.delivery
        cancels = office.cancels(who)
        steps = (
            ("off", cancels, 0),
            ("retention", ~cancels, delivery.arrears_retention_days),
            ("off", ~cancels, delivery.arrears_off_days),
        )
        for status, chosen, wait in steps:
            some, since = who[chosen], day[chosen] + wait
            key = members.key[some]
            load = self._numbers.settle(some, office.load("member", key, since, 1 + wait))
            moment = office_hours(draws, "member.status", key, since)
            self._send_members(some, status, moment, load, "U")

    def _send_members(self, who: Ints, status: str, since: Ints, load: Ints, op: str) -> None:
        if not len(who):
            return
        office = self._office
        members, draws = office.society.members, office.draws
        key = members.key[who]
        tier = office.society.groups.tier[members.group[who]]
        vip = np.digitize(members.arpu[who], [120, 200, 300, 450])
        rows = {
            "user_id": office.users(who),
            "msisdn_hash": draws.token("member.number", key),
            "brand": pick(["GoTone", "M-Zone", "EasyOwn"], _brand(tier, members.arpu[who])),
            "pay_type": pick(
                ["postpaid", "prepaid"], draws.choice("member.pay", [0.35, 0.65], key)
            ),
            "open_date": dates(members.opened[who]),
            "vip_level": pick(["none", "vip", "silver", "gold", "diamond"], vip),
            "realname_flag": known(
                np.ones(len(who), dtype=bool), draws.happens("member.realname", 0.6, key)
            ),
            "gender": pick(["M", "F"], self._partly("gender", key, 2, 0.30)),
            "birth_year": self._birth_years(key),
            "device_model": pick(
                [f"D{n:03d}" for n in range(200)], self._partly("device", key, 200, 0.25)
            ),
            "device_dual_sim": known(
                draws.happens("member.dual_device", 0.08, key),
                draws.happens("member.dual_device.known", 0.40, key),
            ),
            "status": status,
            "status_time": moments(since),
            "is_m2m": False,
        }
        event = midnight(members.joined[who]) if op == "I" else since
        office.send("member", rows, event, load, op)

    def _partly(self, what: str, key: Bits, kinds: int, unknown: float) -> Ints:
        draws = self._office.draws
        code = draws.whole(f"member.{what}", 0, kinds - 1, key)
        return np.where(draws.happens(f"member.{what}.unknown", unknown, key), -1, code)

    def _birth_years(self, key: Bits) -> object:
        draws = self._office.draws
        born = draws.whole("member.born", 1948, 1988, key)
        return known(born, ~draws.happens("member.born.unknown", 0.35, key))

    def _send_start(self, who: Ints, load: Ints) -> None:
        members = self._office.society.members
        self._send_membership(
            who,
            members.group[who],
            members.cell[who],
            members.role[who],
            members.joined[who],
            np.full(len(who), NEVER),
            np.full(len(who), -1),
            members.vnet[who],
            load,
            "I",
        )

    def _send_end(self, leavers: Leavers) -> None:
        office, unknown = self._office, REASONS.index("unknown")
        key = office.society.members.key[leavers.member]
        left = noticed(office, leavers)
        load = office.load("membership_hist", key, left, leavers.joined - 1)
        load = self._memberships.settle(leavers.member, load)
        asked = office.draws.happens("member.reason", 0.6, key, left)
        reason = np.where(asked | (leavers.reason == APPOINTED), leavers.reason, unknown)
        self._send_membership(
            leavers.member,
            leavers.group,
            leavers.cell,
            leavers.role,
            leavers.joined,
            left,
            reason,
            leavers.vnet,
            load,
            "U",
        )

    def _send_membership(
        self,
        who: Ints,
        group: Ints,
        cell: Ints,
        role: Ints,
        joined: Ints,
        left: Ints,
        reason: Ints,
        vnet: Flags,
        load: Ints,
        op: str,
    ) -> None:
        office = self._office
        key = office.society.members.key[who]
        draws = office.draws
        number = SHORT_NUMBERS_FROM + cell
        short = np.where(vnet & (number <= SHORT_NUMBERS_TO), number, -1)
        channels = draws.choice("member.channel", [0.3, 0.45, 0.15, 0.1], key)
        rows = {
            "user_id": office.users(who),
            "group_id": office.groups(group),
            "valid_from": dates(joined),
            "valid_to": dates(left),
            "member_role": pick(ROLES, role),
            "position": pick(
                ["boss", "finance", "office", "sales", "worker"],
                self._partly("position", key, 5, 0.60),
            ),
            "department": pick(
                [f"D{n}" for n in range(1, 7)], self._partly("department", key, 6, 0.70)
            ),
            "short_no": known(short.astype(str), short > 0),
            "join_channel": pick(["campaign", "AM_batch", "contest", "self"], channels),
            "leave_reason": pick(REASONS, reason),
            "is_verified": draws.happens("member.verified", 0.6, key),
        }
        office.send("membership_hist", rows, midnight(joined), load, op)


def noticed(office: Office, leavers: Leavers) -> Ints:
    """The day on which the operator sees each membership end."""
    off = np.isin(leavers.reason, OFF_NET)
    return np.where(off, office.notices(leavers.member, leavers.left), leavers.left)


def _brand(tier: Ints, arpu: np.ndarray) -> Ints:
    return np.where(arpu > 90, 0, np.where((arpu < 45) & (tier == 2), 2, 1))
