"""Who of a group can sign today, and what has to come first where nobody can."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import pandas as pd

from features.definition import Text

CanSign = Literal["yes", "no", "unknown"]
_WIDEST_FIRST = ("all", "vnet", "crbt", "other")
SCOPE: Mapping[str, Text] = {
    "all": Text("全部业务", "everything"),
    "vnet": Text("V网", "V-net"),
    "crbt": Text("彩铃", "ring-back tone"),
    "other": Text("其他", "other"),
    "any": Text("任意", "anything"),
}


@dataclass(frozen=True)
class Signatory:
    """Who may sign for a group, and with which letter.

    Attributes:
        can_sign: Whether somebody may; unknown without a table of letters.
        contact_id: Token of the number of whoever may sign; of the contact to ask for a new letter
            where nobody may; None where none is on record.
        letter_valid_to: First day on which the letter no longer holds.
        letter_scope: What it is good for.
        first_step: What has to be done before anything can be signed; None where nothing has.
    """

    can_sign: CanSign
    contact_id: str | None = None
    letter_valid_to: date | None = None
    letter_scope: str | None = None
    first_step: Text | None = None


def valid_letters(letters: pd.DataFrame, roster: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """The letters of authorisation that can be used today, the best of each group first.

    Args:
        letters: auth_letter as known on the day.
        roster: Members on net: ``group_id``, ``user_id``.
        as_of: The day.

    Returns:
        ``group_id``, ``letter_id``, ``contact_user_id``, ``scope``, ``valid_to``: letters that have
        begun, have not ended nor been taken back, and whose holder, where the number is known, is
        still a member of the group. The widest scope comes first, then the letter that holds the
        longest.
    """
    day = pd.Timestamp(as_of)
    begun = _moments(letters["valid_from"]) <= day
    ended = _moments(letters["valid_to"]) <= day
    revoked = _moments(letters["revoked_date"]) <= day
    here = pd.MultiIndex.from_frame(letters[["group_id", "contact_user_id"]]).isin(
        pd.MultiIndex.from_frame(roster[["group_id", "user_id"]])
    )
    usable = letters[begun & ~ended & ~revoked & (here | letters["contact_user_id"].isna())]
    width = usable["scope"].map({scope: place for place, scope in enumerate(_WIDEST_FIRST)})
    ordered = usable.assign(width=width, until=_moments(usable["valid_to"])).sort_values(
        ["group_id", "width", "until", "letter_id"], ascending=[True, True, False, True]
    )
    columns = ["group_id", "letter_id", "contact_user_id", "scope", "valid_to"]
    return ordered[columns].reset_index(drop=True)


def people(roster: pd.DataFrame, letters: pd.DataFrame | None, as_of: date) -> pd.DataFrame:
    """Whom to turn to: for each group its key person, its contact, and what became of its letter.

    Args:
        roster: Members on net: ``group_id``, ``user_id``, ``member_role``, ``bill_fen``.
        letters: auth_letter as known on the day; None without that table.
        as_of: The day.

    Returns:
        ``group_id``, ``key_person_id``, ``contact_id`` (of several the one with the highest bill),
        ``last_letter_to`` (the end of the letter that ends last) and ``letter_revoked`` (the day
        on which that one was taken back, if it was).
    """
    found = pd.DataFrame({"group_id": pd.Series(sorted(set(roster["group_id"])), dtype="str")})
    ranked = roster.assign(bill=roster["bill_fen"].astype("Float64").fillna(-1)).sort_values(
        ["group_id", "bill", "user_id"], ascending=[True, False, True]
    )
    for role, column in (("key_person", "key_person_id"), ("contact", "contact_id")):
        first = ranked[ranked["member_role"].eq(role)].drop_duplicates("group_id")
        found[column] = found["group_id"].map(first.set_index("group_id")["user_id"])
    if letters is None:
        return found.assign(last_letter_to=None, letter_revoked=None)
    ends = letters.assign(
        until=_moments(letters["valid_to"]), revoked=_moments(letters["revoked_date"])
    )
    ends["revoked"] = ends["revoked"].where(ends["revoked"] <= pd.Timestamp(as_of))
    last = ends.sort_values(["group_id", "until", "letter_id"]).drop_duplicates(
        "group_id", keep="last"
    )
    by_group = last.set_index("group_id")
    for column, name in (("last_letter_to", "until"), ("letter_revoked", "revoked")):
        days = by_group[name].dt.date.astype(object).where(by_group[name].notna(), None)
        found[column] = found["group_id"].map(days)
    return found


def covers(scope: str, needed: str) -> bool:
    """Whether a letter of this scope is good for what is needed.

    >>> covers("all", "vnet"), covers("crbt", "vnet"), covers("crbt", "any")
    (True, False, True)
    """
    return needed == "any" or scope in ("all", needed)


def signatory(
    letters: Sequence[Mapping[str, Any]] | None,
    person: Mapping[str, Any],
    needed: str,
    as_of: date,
) -> Signatory:
    """Who may sign for what is needed.

    Args:
        letters: The group's rows of ``valid_letters``, in their order; None without such a table.
        person: The group's row of ``people``; may be empty.
        needed: A scope; ``any`` where any letter will do.
        as_of: The day.
    """
    contact = _or_none(person.get("contact_id")) or _or_none(person.get("key_person_id"))
    if letters is None:
        return Signatory("unknown", contact, first_step=_ask())
    for letter in letters:
        if covers(letter["scope"], needed):
            holder = _or_none(letter["contact_user_id"])
            return Signatory("yes", holder or contact, _day(letter["valid_to"]), letter["scope"])
    return Signatory("no", contact, first_step=_renew(letters, person, needed, as_of))


def _ask() -> Text:
    return Text(
        "先核实联系人是否持有有效授权书", "first ask whether the contact holds a valid letter"
    )


def _renew(
    letters: Sequence[Mapping[str, Any]], person: Mapping[str, Any], needed: str, as_of: date
) -> Text:
    """The first step, why it is needed, and who can take it with us."""
    fault = _fault(letters, person, as_of)
    if _or_none(person.get("key_person_id")) is None:
        who = Text("关键人未登记，先认定关键人", "no key person is on record: find out who decides")
    else:
        who = Text("找关键人", "see the key person")
    scope = Text("", "") if needed == "any" else SCOPE[needed]
    return Text(
        f"{fault.zh}，{who.zh}，先补办{scope.zh}授权书",
        f"{fault.en}: {who.en}, get a new one{' for ' + scope.en if scope.en else ''} first",
    )


def _fault(letters: Sequence[Mapping[str, Any]], person: Mapping[str, Any], as_of: date) -> Text:
    """What is wrong with the letters there are."""
    if letters:
        held = SCOPE[letters[0]["scope"]]
        return Text(f"授权书仅限{held.zh}", f"the letter is good for {held.en} only")
    ended = _or_none(person.get("last_letter_to"))
    if ended is None:
        return Text("没有授权书", "there is no letter")
    if (revoked := _or_none(person.get("letter_revoked"))) is not None:
        return Text(f"授权书已于{revoked}撤销", f"the letter was taken back on {revoked}")
    if ended > as_of:
        return Text("授权书持有人已不在集团", "the holder of the letter has left the group")
    return Text(f"授权书已于{ended}到期", f"the letter ended on {ended}")


def _or_none(value: Any) -> Any:
    return None if value is None or pd.isna(value) else value


def _day(value: Any) -> date:
    return value if type(value) is date else _moments(pd.Series([value])).iloc[0].date()


def _moments(days: pd.Series[Any]) -> pd.Series[pd.Timestamp]:
    # Open intervals end in 9999, which only fits where a moment counts microseconds.
    return pd.to_datetime(days).astype("datetime64[us]")
