"""product_holding, second half: V-net plans and short-number SMS of members."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulator.behaviour import APPOINTED
from simulator.cells import dates, pick
from simulator.dekads import NEVER, Dekad, Month
from simulator.draws import Flags, Ints
from simulator.office import InOrder, Office, midnight
from simulator.society import Happenings
from simulator.tables.people import noticed

KINDS = (("V", ("vnet_std", "vnet_pkgmin")), ("S", ("short_sms",)))
"""Letter in the holding's key, and the products that it stands for."""


class MemberProducts:
    """Sends the holdings of members as they enter and leave groups."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._in_order = {letter: InOrder() for letter, _ in KINDS}

    def begin(self) -> None:
        """Send what members hold on the first day."""
        members = self._office.society.members
        who = np.arange(members.count)
        self._send(
            who,
            members.group,
            members.cell,
            members.entered,
            np.full(len(who), NEVER),
            members.vnet,
            members.short_sms,
            self._office.first_load(members.key),
            "I",
        )

    def dekad(self, happenings: Happenings, dekad: Dekad) -> None:
        """End the holdings of leavers, start those of joiners."""
        office, members = self._office, self._office.society.members
        leavers, joined = happenings.doings.leavers, happenings.doings.joined
        ends = leavers.reason != APPOINTED
        key = members.key[leavers.member]
        left = noticed(office, leavers)
        load = office.load("product_holding", key, left, leavers.entered - 1)
        self._send(
            leavers.member[ends],
            leavers.group[ends],
            leavers.cell[ends],
            leavers.entered[ends],
            left[ends],
            leavers.vnet[ends],
            leavers.short_sms[ends],
            load[ends],
            "U",
        )
        joined = joined[members.entered[joined] == members.joined[joined]]
        day = members.entered[joined]
        load = office.load("product_holding", members.key[joined], day, day)
        self._send(
            joined,
            members.group[joined],
            members.cell[joined],
            day,
            np.full(len(joined), NEVER),
            members.vnet[joined],
            members.short_sms[joined],
            load,
            "I",
        )

    def month(self, month: Month) -> None:
        """Holdings are sent as they change."""

    def _send(
        self,
        who: Ints,
        group: Ints,
        cell: Ints,
        since: Ints,
        until: Ints,
        vnet: Flags,
        short_sms: Flags,
        load: Ints,
        op: str,
    ) -> None:
        office, fees = self._office, self._office.preset.product.fee
        package = office.society.members.pkgmin[who].astype(np.int64)
        for (letter, names), chosen, plan in (
            (KINDS[0], vnet, package),
            (KINDS[1], short_sms, np.zeros_like(package)),
        ):
            if not chosen.any():
                continue
            fee = np.array([round(fees[name]) for name in names])
            tail = pa.array(
                [
                    f"{letter}{g}-{c}"
                    for g, c in zip(group[chosen].tolist(), cell[chosen].tolist(), strict=True)
                ]
            )
            kind = pick(names, plan[chosen])
            rows = {
                "holding_id": pc.binary_join_element_wise(office.users(who[chosen]), tail, "-"),
                "group_id": office.groups(group[chosen]),
                "user_id": office.users(who[chosen]),
                "product": kind,
                "plan_id": kind,
                "qty": 1,
                "valid_from": dates(since[chosen]),
                "valid_to": dates(until[chosen]),
                "monthly_fee_fen": fee[plan[chosen]],
                "payer": "member",
            }
            loaded = self._in_order[letter].settle(who[chosen], load[chosen])
            office.send("product_holding", rows, midnight(since[chosen]), loaded, op)
