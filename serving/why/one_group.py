"""What is known of one group on a day, as far as the steps of a what-if ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from features.definition import Text
from features.group.lock_in import GROUP_AGREEMENTS
from features.group.management import TICKETS
from features.known import Known
from features.member.service import PART_OF_LEAVING
from features.tables import Tables, as_pandas
from serving.why.rows import Rows, added

SIGNERS = ("contact", "key_person")
KEY_ROLES = (*SIGNERS, "key_member")


@dataclass(frozen=True)
class Supposed:
    """What the steps suppose.

    Attributes:
        ending_days: Contracts that end within so many days are renewed.
        most_bundled: So many members without a contract get one.
        bundle_type: Type of that contract.
        bundle_months: Its length.
        bundle_bonus_fen: What is given with it.
        visited_within_days: A group visited more recently needs no visit.
        letter_months: Length of a new letter of authorisation.
        letter_ending_days: A letter that ends within so many days is renewed too.
    """

    ending_days: int
    most_bundled: int
    bundle_type: str
    bundle_months: int
    bundle_bonus_fen: int
    visited_within_days: int
    letter_months: int
    letter_ending_days: int


@dataclass(frozen=True)
class Step:
    """Something the operator can do for a group.

    Attributes:
        code: Its name.
        text: What is done.
        members: How many members it concerns; 0 where it concerns the group.
        taken: From the group's rows to the rows after the step.
    """

    code: str
    text: Text
    members: int
    taken: Callable[[Rows], Rows]


class Group:
    """One group on a day.

    Args:
        small: The group's own rows as tables.
        rows: The same rows.
        group_id: The group.
        day: The day.
        supposed: What the steps suppose.
    """

    def __init__(
        self, small: Tables, rows: Rows, group_id: str, day: date, supposed: Supposed
    ) -> None:
        self.rows, self.id, self.day, self.supposed = rows, group_id, day, supposed
        self._known = Known(small, [day])

    def adding(self, code: str, text: Text, members: int, **new: list[dict[str, Any]]) -> Step:
        """A step that leaves new rows in some tables."""

        def taken(rows: Rows) -> Rows:
            more = {name: added(rows[name], some, self.day) for name, some in new.items()}
            return {**rows, **more}

        return Step(code, text, members, taken)

    @cached_property
    def members(self) -> pd.DataFrame:
        """Members on net; without rows where there is no such table."""
        if not {"member", "membership_hist"} <= self.rows.keys():
            return pd.DataFrame({"user_id": [], "member_role": []}, dtype="str")
        roster = as_pandas(self._known.roster(), "user_id")
        return roster[roster["group_id"] == self.id]

    @cached_property
    def contracts(self) -> pd.DataFrame | None:
        """Contracts that run or have yet to begin: of members on net, and the group's agreements
        (without ``user_id``); None without such a table."""
        if "contract" not in self.rows:
            return None
        signed = as_pandas(self._known.rows("contract"), "contract_id")
        theirs = signed["user_id"].isin(set(self.members["user_id"]))
        its_own = signed["group_id"].eq(self.id) & signed["type"].isin(GROUP_AGREEMENTS)
        agreement = its_own & signed["user_id"].isna()
        return signed[(theirs | agreement) & (signed["days_to_end_date"] > 0)]

    @property
    def paid(self) -> dict[str, int]:
        """What each member paid in three closed months, in fen."""
        if "bill_month" not in self.rows:
            return {}
        bills = as_pandas(self._known.rows("bill_month", 3), "user_id", "month")
        sums = bills.groupby("user_id")["arpu_fen"].sum()
        return {str(user): int(fen) for user, fen in sums.items()}

    @cached_property
    def snapshot(self) -> pd.Series[Any]:
        """The newest monthly snapshot."""
        groups = as_pandas(self._known.groups(), "group_id")
        return groups[groups["group_id"] == self.id].iloc[0]

    def visited(self) -> bool:
        """Whether somebody came of late."""
        within = self.supposed.visited_within_days
        return len(as_pandas(self._known.rows("visit", within), "visit_id")) > 0

    def letter_runs(self) -> bool:
        """Whether a letter of authorisation is valid, and will be for some time."""
        letters = as_pandas(self._known.rows("auth_letter"), "letter_id")
        revoked = letters["days_to_revoked_date"].fillna(1) <= 0
        begun = (letters["days_to_valid_from"] <= 0) & (letters["days_to_issued_date"] <= 0)
        ends = letters.loc[begun & ~revoked, "days_to_valid_to"]
        return bool((ends > self.supposed.letter_ending_days).any())

    def signer(self) -> str | None:
        """A contact of the group, else a key person, who could sign."""
        able = self.members[self.members["member_role"].isin(SIGNERS)]
        first = able.sort_values(["member_role", "user_id"])["user_id"].head(1).tolist()
        return str(first[0]) if first else None

    def open_tickets(self) -> list[str]:
        """Tickets of 90 days that nobody has solved."""
        tickets = as_pandas(self._known.rows("ticket", TICKETS.lookback), "ticket_id")
        asked = ~tickets["cat"].isin(PART_OF_LEAVING)
        unsolved = ~tickets["resolved"].astype("boolean").fillna(value=False)
        return sorted(tickets.loc[asked & unsolved, "ticket_id"].astype(str))

    def usage(self, table: str, period: str, lookback: int) -> pd.DataFrame:
        """Usage of the members on net."""
        usage = as_pandas(self._known.rows(table, lookback), "user_id", period)
        return usage[usage["user_id"].isin(set(self.members["user_id"]))]
