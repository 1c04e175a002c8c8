"""Why members left who did not go to a rival: back under a new number, or against their will.

A person who gives up a number and takes a new one of ours (大进大出) is no loss. He is known again
by what the register holds of both numbers, in the same group, or by the contacts of both. A loss is
involuntary where unpaid bills came before the end of the use, not after it as with anybody who just
stops paying, or where the group itself was dissolved. Deaths and frauds are recorded nowhere in the
contracts, so they cannot be told.
"""

from __future__ import annotations

from collections.abc import Iterator

import narwhals as nw
import numpy as np
import pandas as pd
import pyarrow as pa

from features.known import Known, a_person
from features.tables import Frame, as_pandas
from models.evidence import BASE_MONTHS, OFF, Evidence
from models.states import StateRule

TRAITS = ("gender", "birth_year", "device_model")
KEY = ["as_of", "user_id"]
REASONS = {
    "same_traits": "rotated",
    "same_circle": "rotated",
    "arrears": "involuntary",
    "dissolved": "involuntary",
}
"""What tells why a member left, and the state that it leaves him in; the first one found holds."""


def not_to_a_rival(evidence: Evidence, lost: pd.DataFrame) -> pd.DataFrame:
    """Those of the ``lost`` for whom there is another reason than a rival.

    Args:
        lost: ``as_of``, ``user_id``, ``group_id`` and ``onset``, days from ``as_of``.

    Returns:
        ``as_of``, ``user_id`` and ``reason``, one of ``REASONS``; each member of a day once.
    """
    none = pd.DataFrame(columns=[*KEY, "reason"])
    if lost.empty:
        return none
    found = pd.concat([none, *_reasons(evidence, lost)], ignore_index=True)
    order = found["reason"].map(list(REASONS).index)
    first = found.assign(order=order).sort_values([*KEY, "order"])
    return first.drop_duplicates(KEY)[[*KEY, "reason"]].reset_index(drop=True)


def _reasons(evidence: Evidence, lost: pd.DataFrame) -> Iterator[pd.DataFrame]:
    tables, rule = evidence.tables, evidence.rule.states
    left = tables.hold(tables.bring(pa.Table.from_pandas(lost, preserve_index=False)))
    newcomers = tables.hold(_newcomers(evidence, left, rule))
    if "membership_hist" in tables:
        yield _same_traits(evidence, left, newcomers, rule).assign(reason="same_traits")
    if "call_edge_month" in tables:
        yield _same_circle(evidence, left, newcomers, rule).assign(reason="same_circle")
    if "bill_month" in tables:
        yield _in_arrears(evidence, left, rule).assign(reason="arrears")
    if "group_snapshot" in tables:
        yield _dissolved(evidence, left, rule).assign(reason="dissolved")


def _newcomers(evidence: Evidence, left: Frame, rule: StateRule) -> Frame:
    """Numbers on net (``new_id``) that started (``opened``) about when somebody left."""
    onsets = left.group_by("as_of").agg(first=nw.col("onset").min(), last=nw.col("onset").max())
    opened = nw.col("days_to_open_date") + nw.col("passed")
    rows = evidence.judged(evidence.later.rows("member")).filter(
        ~nw.col("status").is_in(OFF), a_person()
    )
    beside = rows.with_columns(opened=opened).join(onsets, how="inner", on="as_of")
    near = beside.filter(
        nw.col("opened") >= nw.col("first") - rule.reentry_days,
        nw.col("opened") <= nw.col("last") + rule.reentry_days,
    )
    return near.select("as_of", "opened", *TRAITS, new_id=nw.col("user_id"))


def _same_traits(
    evidence: Evidence, left: Frame, newcomers: Frame, rule: StateRule
) -> pd.DataFrame:
    """Those in whose group a number started whose owner has the same traits, as far as known."""
    memberships = evidence.judged(evidence.later.rows("membership_hist"))
    whose = memberships.select("as_of", "group_id", new_id=nw.col("user_id")).unique()
    arrived = newcomers.join(whose, how="inner", on=["as_of", "new_id"])
    old = evidence.judged(evidence.later.rows("member")).select(
        *KEY, *(nw.col(trait).alias(f"old_{trait}") for trait in TRAITS)
    )
    met = left.join(old, how="inner", on=KEY).join(arrived, how="inner", on=["as_of", "group_id"])
    pairs = as_pandas(_in_time(met, rule), *KEY, "new_id")
    known = np.stack([pairs[t].notna() & pairs[f"old_{t}"].notna() for t in TRAITS])
    alike = np.stack([pairs[t].eq(pairs[f"old_{t}"]).fillna(False) for t in TRAITS]).astype(bool)
    enough = (known & alike).sum(axis=0) >= rule.reentry_traits
    found: pd.DataFrame = pairs.loc[enough & ~(known & ~alike).any(axis=0), KEY]
    return found


def _same_circle(
    evidence: Evidence, left: Frame, newcomers: Frame, rule: StateRule
) -> pd.DataFrame:
    """Those most of whose contacts a number has that started when they left."""
    tables = evidence.tables
    users = left.select("user_id").unique()
    before = Known(tables, evidence.days).rows("call_edge_month", BASE_MONTHS, of=users)
    circle = _contacts(before).join(left.select(*KEY), how="semi", on=KEY)
    numbers = newcomers.select(user_id=nw.col("new_id")).unique()
    after = evidence.later.rows("call_edge_month", evidence.longest, of=numbers)
    taken_up = _contacts(evidence.judged(after)).rename({"user_id": "new_id"})
    sizes = circle.group_by(*KEY).agg(contacts=nw.len())
    common = circle.join(taken_up, how="inner", on=["as_of", "peer_key"])
    shared = common.group_by(*KEY, "new_id").agg(common=nw.len()).join(sizes, how="inner", on=KEY)
    alike = shared.filter(
        nw.col("contacts") >= rule.reentry_contacts,
        nw.col("common") >= rule.reentry_circle * nw.col("contacts"),
    )
    opened = newcomers.select("as_of", "new_id", "opened")
    met = alike.join(opened, how="inner", on=["as_of", "new_id"]).join(
        left.select(*KEY, "onset"), how="inner", on=KEY
    )
    return as_pandas(_in_time(met, rule), *KEY, "new_id")[KEY]


def _contacts(edges: Frame) -> Frame:
    return edges.filter(nw.col("peer_net") != "service").select(*KEY, "peer_key").unique()


def _in_time(met: Frame, rule: StateRule) -> Frame:
    wait = nw.col("opened") - nw.col("onset")
    own = nw.col("new_id") == nw.col("user_id")
    return met.filter(wait >= -rule.reentry_days, wait <= rule.reentry_days, ~own)


def _in_arrears(evidence: Evidence, left: Frame, rule: StateRule) -> pd.DataFrame:
    """Those who owed their last bills before the use ended, one after the other."""
    users = left.select("user_id").unique()
    lookback = evidence.longest + rule.arrears_months
    bills = evidence.judged(evidence.later.rows("bill_month", lookback, of=users))
    ended = nw.col("days_to_period_end") + nw.col("passed")
    before = bills.with_columns(ended=ended).join(left.select(*KEY, "onset"), how="inner", on=KEY)
    rows = before.filter(nw.col("ended") < nw.col("onset")).select(*KEY, "ended", "arrears_fen")
    told = as_pandas(rows, *KEY, "ended").groupby(KEY).tail(rule.arrears_months)
    owed = told.assign(owes=told["arrears_fen"] > 0).groupby(KEY)["owes"].sum()
    return owed[owed >= rule.arrears_months].reset_index()[KEY]


def _dissolved(evidence: Evidence, left: Frame, rule: StateRule) -> pd.DataFrame:
    """Those whose group has been dissolved."""
    groups = evidence.after(evidence.later.groups())
    gone = groups.filter(nw.col("lifecycle").is_in(list(rule.dissolved)))
    both = left.join(gone.select("as_of", "group_id"), how="semi", on=["as_of", "group_id"])
    return as_pandas(both.select(*KEY), *KEY)
