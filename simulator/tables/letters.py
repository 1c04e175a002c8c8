"""auth_letter: who may sign for a group, and until when (授权书)."""

from __future__ import annotations

import numpy as np

from simulator import draws as random
from simulator.cells import dates, known, pick
from simulator.dekads import NEVER, Dekad, Month
from simulator.draws import Ints
from simulator.members import CONTACT
from simulator.office import Office, midnight
from simulator.society import Happenings


class Letters:
    """Sends letters; each is replaced around its end by one of the contact of that time."""

    def __init__(self, office: Office) -> None:
        self._office = office
        groups = office.society.groups
        share = office.preset.fieldwork.letters.at(groups.tier)
        self._holds = office.draws.happens("letter.holds", share, groups.index)
        self._serial = np.zeros(groups.count, dtype=np.int64)
        self._next = np.full(groups.count, NEVER)

    def begin(self) -> None:
        """Send the letters that hold on the first day."""
        office = self._office
        some = np.flatnonzero(self._holds)
        oldest = office.preset.fieldwork.letter_age_days
        age = office.draws.whole("letter.age", 0, oldest, some)
        self._issue(some, office.society.start - age, office.first_load(some))
        self._next = np.where(self._holds, np.maximum(self._next, office.society.start + 1), NEVER)

    def dekad(self, happenings: Happenings, dekad: Dekad) -> None:
        """Issue the letters that are due."""
        office = self._office
        due = (self._next <= dekad.last) & ~office.society.rivalry.moved
        some = np.flatnonzero(due)
        day = np.maximum(self._next[some], dekad.first)
        self._issue(some, day, office.load("auth_letter", some, day, day))

    def month(self, month: Month) -> None:
        """Letters are sent as they are issued."""

    def _issue(self, groups: Ints, day: Ints, load: Ints) -> None:
        if not len(groups):
            return
        office = self._office
        draws, p = office.draws, office.preset.fieldwork
        self._serial[groups] += 1
        serial = self._serial[groups]
        until = day + draws.whole("letter.term", *p.letter_term_days, groups, serial)
        late = draws.happens("letter.late", p.letter_late, groups, serial)
        early = draws.whole("letter.early", 0, p.letter_early_days, groups, serial)
        delay = draws.whole("letter.delay", 1, p.letter_late_days, groups, serial)
        self._next[groups] = np.where(late, until + delay, until - early)
        contact = self._contacts()[groups]
        key = np.where(contact >= 0, office.society.members.key[contact].astype(np.int64), groups)
        county = office.society.groups.county
        scopes, weights = random.weights(p.letter_scopes)
        signs = draws.happens("letter.method", p.letter_signature, groups, serial)
        rows = {
            "letter_id": [
                f"L{county:03d}{g:06d}-{s}"
                for g, s in zip(groups.tolist(), serial.tolist(), strict=True)
            ],
            "group_id": office.groups(groups),
            "contact_user_id": self._users(contact),
            "contact_name_hash": draws.token("person.name", key),
            "contact_id_hash": draws.token("person.id", key),
            "scope": pick(scopes, draws.choice("letter.scope", weights, groups, serial)),
            "valid_from": dates(day),
            "valid_to": dates(until),
            "method": pick(["other", "contact_signature"], signs.astype(np.int64)),
            "specimen_on_file": draws.happens("letter.specimen", p.letter_specimen, groups, serial),
            "issued_date": dates(day),
        }
        office.send("auth_letter", rows, midnight(day), load)

    def _users(self, contact: Ints) -> object:
        ids = self._office.users(np.maximum(contact, 0)).to_numpy(zero_copy_only=False)
        return known(ids, contact >= 0)

    def _contacts(self) -> Ints:
        """The contact of each group now; -1 where it has none."""
        members = self._office.society.members
        contact = np.full(self._office.society.groups.count, -1)
        who = np.flatnonzero(members.here & (members.role == CONTACT))
        contact[members.group[who]] = who
        return contact
