"""rival_number: numbers of rivals that several of our members talk to, month by month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator import draws as random
from simulator.cells import Cells, known, pick
from simulator.circle import NUMBER, Circles, RivalCalls
from simulator.dekads import LONG_AGO, Dekad, Month
from simulator.delays import end_of
from simulator.draws import Bits, Flags, Floats, Ints
from simulator.office import Office
from simulator.phones import month_names, token_bits, tokens
from simulator.society import Happenings


@dataclass(frozen=True)
class Register:
    """Every rival number seen so far, in order of ``id``: since when, and when last listed."""

    id: Bits
    telecom: Flags
    first: Ints
    listed: Ints


@dataclass(frozen=True)
class Overlap:
    """Of each number of a month: its contacts in our groups, and the group with most of them."""

    id: Bits
    telecom: Flags
    since: Ints
    contacts: Ints
    group: Ints
    inside: Ints


class RivalNumbers:
    """Sends the rival numbers that are worth a look, as the calls of each month show them.

    Numbers that only one of our members knows would be most of them, and are left out, as call
    edges of fewer than two calls are.
    """

    def __init__(self, office: Office, circles: Circles) -> None:
        self._office, self._circles = office, circles
        self._register = Register(
            np.zeros(0, dtype=np.uint64),
            np.zeros(0, dtype=bool),
            np.zeros(0, dtype=np.int64),
            np.zeros(0, dtype=np.int64),
        )
        self._listed: Bits = self._register.id

    def begin(self) -> None:
        """No calls are counted before the first month."""

    def dekad(self, happenings: Happenings, dekad: Dekad) -> None:
        """Calls are counted by month."""
        self._circles.dekad(happenings)

    def month(self, month: Month) -> None:
        """Send the numbers that several members called, and those that have just fallen silent."""
        p = self._office.preset.circle
        seen = overlaps(self._circles.month(month), self._office.society.members.group)
        enough = seen.contacts >= p.listed_contacts
        self._listed = seen.id[enough]
        self._register = _entered(self._register, seen, enough, month.index)
        register = self._register
        due = np.flatnonzero(register.listed >= month.index - p.listed_months)
        place = np.searchsorted(seen.id, register.id[due])
        place = np.minimum(place, max(len(seen.id) - 1, 0))
        alive = (
            np.zeros(len(due), dtype=bool)
            if not len(seen.id)
            else (seen.id[place] == register.id[due])
        )
        self._send(due, seen, np.where(alive, place, -1), month)

    def listed(self, numbers: Bits) -> Flags:
        """Which numbers were called by several members in the last month reported."""
        return np.isin(numbers, self._listed)

    def _send(self, due: Ints, seen: Overlap, place: Ints, month: Month) -> None:
        office, register = self._office, self._register
        number, telecom = register.id[due], register.telecom[due]
        alive = place >= 0
        group, inside, contacts = (
            np.where(alive, column[place], 0) if len(column) else np.zeros(len(due), dtype=np.int64)
            for column in (seen.group, seen.inside, seen.contacts)
        )
        mean = office.preset.circle.other_contacts
        contacts += alive * office.draws.count("circle.others", mean, number, month.index)
        told = inside >= 2
        last = np.full(len(due), month.last)
        rows = {
            "peer_key": tokens(*token_bits(office.draws, NUMBER, number)),
            "month": month.code,
            "net": pick(["CT", "CU"], np.where(telecom, 0, 1)),
            "prefix3": self._prefixes(number, telecom),
            "n_our_contacts": contacts,
            "first_seen_month": month_names(register.first[due], month),
            "alive": alive,
            "best_group_id": office.groups(np.where(told, group, -1)),
            "overlap_share": _shares(inside, contacts, told),
        }
        load = office.load("rival_number", number, last, month.index)
        office.send("rival_number", rows, end_of(last), load, source="ITC")

    def _prefixes(self, number: Bits, telecom: Flags) -> Cells:
        p, draws = self._office.preset.circle, self._office.draws
        names_ct, shares_ct = random.weights(p.telecom_prefixes)
        names_cu, shares_cu = random.weights(p.unicom_prefixes)
        ct = draws.choice("circle.prefix.ct", shares_ct, number)
        cu = draws.choice("circle.prefix.cu", shares_cu, number)
        return pick([*names_ct, *names_cu], np.where(telecom, ct, len(names_ct) + cu))


def overlaps(calls: RivalCalls, group: Ints) -> Overlap:
    """What a month's calls show of each rival number; ``group`` is that of each member."""
    number, home = calls.id, group[calls.member]
    if not len(number):
        none = np.zeros(0, dtype=np.int64)
        return Overlap(number, calls.telecom, none, none, none, none)
    new = np.ones(len(number), dtype=bool)
    new[1:] = number[1:] != number[:-1]
    block = new.copy()
    block[1:] |= home[1:] != home[:-1]
    start, blocks = np.flatnonzero(new), np.flatnonzero(block)
    inside = np.diff(np.append(blocks, len(number)))
    # The most contacts first and, of groups with equally many, the first.
    code = inside << 20 | ((1 << 20) - 1 - home[blocks])
    best = np.maximum.reduceat(code, np.searchsorted(blocks, start))
    return Overlap(
        id=number[start],
        telecom=calls.telecom[start],
        since=np.minimum.reduceat(calls.since, start),
        contacts=np.diff(np.append(start, len(number))),
        group=(1 << 20) - 1 - (best & ((1 << 20) - 1)),
        inside=best >> 20,
    )


def _entered(register: Register, seen: Overlap, enough: Flags, month: int) -> Register:
    """The register after a month; what was known before the world began keeps its date."""
    new = ~np.isin(seen.id, register.id)
    fresh = Register(
        seen.id[new],
        seen.telecom[new],
        np.where(seen.since[new] < 0, seen.since[new], month),
        np.full(int(new.sum()), LONG_AGO),
    )
    joined = {
        name: np.concatenate([getattr(register, name), getattr(fresh, name)])
        for name in Register.__dataclass_fields__
    }
    order = np.argsort(joined["id"])
    sorted_ = Register(**{name: values[order] for name, values in joined.items()})
    sorted_.listed[np.searchsorted(sorted_.id, seen.id[enough])] = month
    return sorted_


def _shares(part: Ints, whole: Ints, flags: Flags) -> Cells:
    share: Floats = np.round(part / np.maximum(whole, 1), 4)
    return known(share, flags)
