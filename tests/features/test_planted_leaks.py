"""Each leak that is known from practice, planted once: the audit catches it and names it.

All are planted in one small world and audited together; the table of leaks has a row for each.
"""

from __future__ import annotations

from datetime import date

import narwhals as nw
import pandas as pd
import pyarrow as pa
import pytest

from features.audit import audit, label_findings
from features.audit.sample import as_tables, sample_of
from features.definition import MEMBERS, Window, group_feature, member_feature
from features.expressions import count, day_number, flag, share
from features.reasons import Reason
from features.view import view
from pipelines.landed import landed

DAY = date(2010, 3, 13)
GROUPS = 24
UNREAD = ("call_edge_month", "rival_number", "second_sim_ind", "usage_dekad")
KNOWN = {
    "unit": "count",
    "between": (-1e9, 1e9),
    "family": "tier",
    "reason": Reason.DATA,
    "raises": ("植入", "planted"),
}
V_NET = ("vnet_std", "vnet_pkgmin", "vnet_points", "group_crbt")


def raw(table, *, of=None):
    """A leaky view: the newest content of a table, whenever it was loaded."""

    def rows(known):
        """Rows of the table as they are today."""
        days = known.tables.bring(pa.table({"as_of": pa.array(known.days, pa.date32())}))
        found = known.tables[table].join(days, how="cross")
        if of is None:
            return found
        ours = known.roster().select("as_of", "user_id", "group_id")
        return found.drop([c for c in ("group_id",) if c in found.collect_schema().names()]).join(
            ours, how="inner", on=["as_of", "user_id"]
        )

    return view(reads={table: None})(rows)


def group(over=None, **more):
    return group_feature(**{**KNOWN, "over": over, **more})


def member(over=None):
    return member_feature(**KNOWN, over=over)


@member(Window(raw("member")))
def off_by_now(status: nw.Expr) -> nw.Expr:
    """The number is off, whenever that was recorded."""
    return count(status == "off")


@member(Window(raw("usage_month")))
def last_use_by_now(last_active_date: nw.Expr) -> nw.Expr:
    """The last day of use, read today."""
    return day_number(last_active_date.max())


@group(Window(raw("rival_event")))
def attacks_by_event_time(event_time: nw.Expr, as_of: nw.Expr) -> nw.Expr:
    """Attacks by the day, whenever they were reported."""
    return count(event_time.cast(nw.Date) <= as_of)


@group(Window(raw("visit")))
def visits_by_their_date(visit_date: nw.Expr, as_of: nw.Expr) -> nw.Expr:
    """Visits by the day, back-filled ones too."""
    return count(visit_date.cast(nw.Date) <= as_of)


@group(Window(raw("treatment")))
def treated(treatment_id: nw.Expr) -> nw.Expr:
    """Treatments, in the label window too."""
    return treatment_id.count()


@group(Window(raw("group_snapshot")))
def tier_after_january(tier: nw.Expr, month: nw.Expr) -> nw.Expr:
    """The tier of the re-score, joined back."""
    return count((tier == "C") & (month >= "201001"))


@group(Window(raw("membership_hist")))
def members_in_a_month(valid_from: nw.Expr, valid_to: nw.Expr, as_of: nw.Expr) -> nw.Expr:
    """Members thirty days on."""
    then = day_number(as_of) + 30
    return count((day_number(valid_from) <= then) & (day_number(valid_to) > then))


@group(Window(raw("usage_month", of="members")))
def minutes_of_survivors(mou_out_m: nw.Expr, month: nw.Expr) -> nw.Expr:
    """Minutes of February, a member still calling in May."""
    return share(
        nw.when(month == "201002").then(mou_out_m).sum(),
        of=count((month == "201005") & (mou_out_m > 0)),
    )


@member(Window(raw("bill_month")))
def february_as_corrected(arpu_fen: nw.Expr, month: nw.Expr, version: nw.Expr) -> nw.Expr:
    """The bill of February in its last version."""
    return nw.when(month == "201002").then(arpu_fen + version).max()


@group(Window("rival_event", lookback=365))
def reported_losses(outcome_claimed: nw.Expr) -> nw.Expr:
    """Reports that say that the group is lost."""
    return count(outcome_claimed == "lost")


@group(Window("rival_event", lookback=365))
def surveyed(intent_survey: nw.Expr) -> nw.Expr:
    """Surveys of the wish to leave."""
    return count(intent_survey == "yes")


@group(Window("ticket", lookback=15, through="members"))
def wants_out(cat: nw.Expr) -> nw.Expr:
    """Requests to cancel."""
    return count(cat == "cancel_request")


@group(Window("product_holding"))
def v_net_dissolved(product: nw.Expr, days_to_valid_to: nw.Expr, user_id: nw.Expr) -> nw.Expr:
    """V-nets and ring tones of the group that ended."""
    return count(product.is_in(V_NET) & (days_to_valid_to <= 0) & user_id.is_null())


@group(Window("membership_hist"))
def left_with_the_group(leave_reason: nw.Expr) -> nw.Expr:
    """Members who left for the group's transfer."""
    return count(leave_reason == "group_transfer")


@group()
def headcount_estimated(est_headcount: nw.Expr) -> nw.Expr:
    """The estimated headcount."""
    return est_headcount


@group()
def in_the_pool(am_staff_id: nw.Expr) -> nw.Expr:
    """The manager is the pool of lost accounts."""
    return flag(am_staff_id == "POOL")


@group()
def called_silent(lifecycle: nw.Expr) -> nw.Expr:
    """The life-cycle says silent."""
    return flag(lifecycle == "silent")


@group(Window("alert_case"))
def alerts(level: nw.Expr) -> nw.Expr:
    """Alerts of the running system."""
    return level.count()


@group()
def in_the_snapshot(is_snapshot_year: nw.Expr) -> nw.Expr:
    """Flag of the base, set at the end of the year."""
    return flag(~is_snapshot_year.is_null())


@view(reads={"snapshot_base": None})
def bases(known):
    """Groups of the base, and the day for which it was frozen."""
    rows = known.rows("snapshot_base").filter(nw.col("entity_type") == "group")
    return rows.rename({"entity_id": "group_id"})


@group(Window(bases))
def in_the_base(base_id: nw.Expr) -> nw.Expr:
    """Bases that the group is in."""
    return base_id.count()


@member(Window("contract"))
def broken_off(status: nw.Expr) -> nw.Expr:
    """Contracts broken off."""
    return count(status == "broken")


@group(MEMBERS)
def state_changes(status_time: nw.Expr) -> nw.Expr:
    """When a member's state changed last."""
    return day_number(status_time.cast(nw.Date)).max()


LATER, FOLLOWS = "later rows", "consequences"

LEAKS = [
    (off_by_now, LATER, "member"),
    (last_use_by_now, LATER, "usage_month"),
    (attacks_by_event_time, LATER, "rival_event"),
    (visits_by_their_date, LATER, "visit"),
    (treated, LATER, "treatment"),
    (tier_after_january, LATER, "group_snapshot"),
    (members_in_a_month, LATER, "membership_hist"),
    (minutes_of_survivors, LATER, "usage_month"),
    (february_as_corrected, LATER, "bill_month"),
    (reported_losses, FOLLOWS, "report of a loss"),
    (surveyed, FOLLOWS, "survey of intent"),
    (wants_out, FOLLOWS, "wish to leave"),
    (v_net_dissolved, FOLLOWS, "end of a group's V-net or ring tone"),
    (left_with_the_group, FOLLOWS, "reason of leaving"),
    (headcount_estimated, FOLLOWS, "estimated headcount"),
    (in_the_pool, FOLLOWS, "pool of lost accounts"),
    (called_silent, FOLLOWS, "life-cycle state"),
    (alerts, FOLLOWS, "alert case"),
    (in_the_snapshot, FOLLOWS, "flag of the snapshot base"),
    (in_the_base, FOLLOWS, "snapshot base"),
    (broken_off, FOLLOWS, "early end of a contract"),
    (state_changes, FOLLOWS, "time of a member's state"),
]


def named(it):
    return getattr(it, "name", it)


@pytest.fixture(scope="module")
def rows(small_world):
    """What the small world tells of some groups."""
    rows = sample_of(landed(small_world / "landing", 2), [DAY], GROUPS).rows
    return {name: table for name, table in rows.items() if name not in UNREAD}


@pytest.fixture(scope="module")
def found(rows):
    """What the audit says of all leaks at once: probe, source and feature."""
    features = [feature for feature, _, _ in LEAKS]
    findings = audit(as_tables(planted(rows)), [DAY], features, groups=GROUPS).findings
    return {(finding.feature, finding.probe, finding.source) for finding in findings}


@pytest.mark.parametrize(("feature", "probe", "source"), LEAKS, ids=named)
def test_the_leak_is_caught_and_named(found, feature, probe, source):
    assert (feature.name, probe, source) in found


def test_an_id_that_was_encoded_by_its_own_label_is_caught_by_the_label_check():
    """Twenty of sixty groups move; the encoding is the share of a group's days with a loss."""
    labels = pd.DataFrame(
        {"as_of": DAY, "group_id": [f"G{n}" for n in range(60)], "label": [1] * 20 + [0] * 40}
    )
    values = labels[["as_of", "group_id"]].assign(encoded=labels["label"] * 0.9, size=range(60))

    @group()
    def encoded(group_id: nw.Expr) -> nw.Expr:
        """The group's own losses."""
        return group_id

    (finding,) = label_findings(values, labels, [encoded])

    assert (finding.feature, finding.source, finding.rows) == ("encoded", "the label", 60)
    assert "AUC 1.000, 20 positives of 60 rows" in finding.seen


def planted(rows):
    """The small world, where four groups went to the pool of lost accounts and lost their V-net."""
    gone = sorted(rows["group_snapshot"]["group_id"].unique().to_pylist())[:4]
    return {
        **rows,
        "group_snapshot": written_over(
            rows["group_snapshot"],
            lambda snapshot: snapshot["group_id"].isin(gone),
            am_staff_id="POOL",
            lifecycle="silent",
        ),
        "product_holding": written_over(
            rows["product_holding"],
            lambda held: held["user_id"].isna() & held["product"].isin(V_NET),
            valid_to=date(2010, 2, 20),
            load_time=pd.Timestamp("2010-02-21"),
        ),
    }


def written_over(table, which, **cells):
    """The table with some cells of the rows that ``which`` chooses."""
    frame = table.to_pandas()
    chosen = which(frame)
    for name, value in cells.items():
        frame.loc[chosen, name] = value
    return pa.Table.from_pandas(frame, schema=table.schema, preserve_index=False)
