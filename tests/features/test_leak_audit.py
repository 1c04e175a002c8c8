"""The audit leaves honest features alone and finds what was written over in place."""

from __future__ import annotations

from datetime import date

import narwhals as nw
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from features.audit import audit, label_findings
from features.audit.labels import auc
from features.audit.register import REGISTER
from features.audit.sample import as_tables, sample_of
from features.definition import Window, group_feature, member_feature
from features.expressions import day_number, flag
from features.reasons import Reason
from features.view import view
from pipelines.landed import landed

DAY = date(2010, 3, 13)
GROUPS = 20
KNOWN = {
    "unit": "count",
    "between": (-1e9, 1e9),
    "family": "tier",
    "reason": Reason.DATA,
    "raises": ("植入", "planted"),
}
FILES, FUTURE = "late files", "content from the future"
LATE = pd.Timestamp("2010-06-01")


@member_feature(**KNOWN)
def barred(status: nw.Expr) -> nw.Expr:
    """The number is barred."""
    return flag(status == "single_stop")


@member_feature(**KNOWN, over=Window("usage_month", lookback=3))
def last_use(last_active_date: nw.Expr) -> nw.Expr:
    """The last day of use."""
    return day_number(last_active_date.max())


@group_feature(**KNOWN)
def first_class(tier: nw.Expr) -> nw.Expr:
    """The group is of the tier that January gave it."""
    return flag(tier == "A1")


@member_feature(**KNOWN, over=Window("bill_month", lookback=2))
def billed(arpu_fen: nw.Expr) -> nw.Expr:
    """The highest of two bills."""
    return arpu_fen.max()


@group_feature(**KNOWN, over=Window("visit", lookback=365))
def visited(visit_id: nw.Expr) -> nw.Expr:
    """Visits within a year."""
    return visit_id.count()


TODAY = ("usage_month", "bill_month", "visit", "contract", "rival_event")
HONEST = (barred, last_use, first_class, billed, visited)
WRITTEN_OVER = {
    "status and its time": (barred, FUTURE, "member.status_time"),
    "last day of use": (last_use, FUTURE, "usage_month.last_active_date"),
    "tier, by the January re-score": (first_class, FILES, "group_snapshot"),
    "a corrected bill": (billed, FILES, "bill_month"),
    "back-filled visits": (visited, FILES, "visit"),
}


@pytest.fixture(scope="module")
def rows(small_world):
    """What the small world tells of some groups."""
    return sample_of(landed(small_world / "landing", 2), [DAY], GROUPS).rows


@pytest.fixture(scope="module")
def few_tables(rows):
    """The tables that a few honest and leaky features read, to be quick."""
    read = {"member", "membership_hist", "group_snapshot", "usage_month", *TODAY}
    return {name: rows[name] for name in read}


@pytest.fixture(scope="module")
def found(few_tables):
    """What the audit says of honest features on tables that were written over in place."""
    findings = audit(as_tables(over_written(few_tables)), [DAY], HONEST, groups=GROUPS).findings
    return {(finding.feature, finding.probe, finding.source) for finding in findings}


@pytest.mark.parametrize("what", WRITTEN_OVER)
def test_what_was_written_over_in_place_is_found_by_those_who_read_it(found, what):
    feature, probe, source = WRITTEN_OVER[what]

    assert {one for one in found if one[0] == feature.name} == {(feature.name, probe, source)}


def test_nothing_is_found_where_nothing_was_written_over(few_tables):
    assert audit(as_tables(few_tables), [DAY], HONEST, groups=GROUPS).findings == ()


@pytest.mark.slow
def test_the_whole_catalogue_is_clean(landing_of_everything):
    audited = audit(landed(landing_of_everything, 2), [date(2009, 12, 3)], groups=GROUPS)

    assert audited.findings == ()
    assert audited.looked_at["groups"] >= GROUPS
    assert not [note for note in audited.notes.values() if note.startswith("not computed")]


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    table=st.sampled_from(TODAY),
    day=st.dates(date(2009, 9, 1), date(2010, 4, 30)),
)
def test_a_feature_that_reads_a_table_as_it_is_today_is_found_on_any_day(few_tables, table, day):
    findings = audit(as_tables(few_tables), [day], [rows_of(table)], groups=GROUPS).findings

    assert {(one.probe, one.source, one.feature) for one in findings} >= {
        ("later rows", table, "rows_today")
    }


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    names=st.sets(st.sampled_from(sorted(feature.name for feature in HONEST)), min_size=1),
    day=st.dates(date(2009, 9, 1), date(2010, 4, 30)),
)
def test_honest_features_are_left_alone_on_any_day(few_tables, names, day):
    honest = [feature for feature in HONEST if feature.name in names]

    assert audit(as_tables(few_tables), [day], honest, groups=GROUPS).findings == ()


@given(
    st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2).filter(
        lambda rows: len({positive for _, positive in rows}) == 2
    )
)
def test_the_auc_is_the_share_of_pairs_in_order(rows):
    pairs = [(p > n) + (p == n) / 2 for p, yes in rows if yes for n, no in rows if not no]
    values, positive = (np.array(column) for column in zip(*rows, strict=True))

    assert auc(values, positive) == pytest.approx(sum(pairs) / len(pairs))


@pytest.mark.parametrize(
    ("positives", "fewest", "findings"), [(20, 20, 1), (19, 20, 0), (19, 19, 1)]
)
def test_with_few_positives_chance_may_do_it_and_nothing_is_said(positives, fewest, findings):
    told = label_findings(*labelled(positives), [visited], fewest=fewest)

    assert len(told) == findings


def test_a_feature_that_is_known_only_of_those_who_leave_is_found():
    values, labels = labelled(30)
    values["visited"] = np.where(labels["label"] == 1, 1.0, np.nan)

    (finding,) = label_findings(values, labels, [visited])

    assert finding.source == "the label, by being known"


def test_every_consequence_says_why_in_both_languages():
    assert len({entry.name for entry in REGISTER}) == len(REGISTER)
    for entry in REGISTER:
        assert any("\u4e00" <= letter <= "\u9fff" for letter in entry.why_zh), entry.name
        assert entry.why_en.isascii(), entry.name


def labelled(positives):
    """A hundred groups, of which the first leave; the visits to those are told in advance."""
    label = [1] * positives + [0] * (100 - positives)
    ids = pd.DataFrame({"as_of": DAY, "group_id": [f"G{number}" for number in range(100)]})
    return ids.assign(visited=[float(one) for one in label]), ids.assign(label=label)


def rows_of(table):
    def rows(known):
        """Every row, whenever it was loaded."""
        days = known.tables.bring(pa.table({"as_of": pa.array(known.days, pa.date32())}))
        return known.tables[table].join(days, how="cross")

    entity = member_feature if table in ("usage_month", "bill_month", "contract") else group_feature

    def rows_today(op: nw.Expr) -> nw.Expr:
        """Rows of today."""
        return op.count()

    return entity(**KNOWN, over=Window(view(reads={table: None})(rows)))(rows_today)


def over_written(rows):
    """The small world with tables that were written over in place, their load_time as it was."""
    return {
        **rows,
        "member": over(rows["member"], off_later, status="single_stop", status_time=LATE),
        "usage_month": over(rows["usage_month"], of_february, last_active_date=LATE.date()),
        "bill_month": over(rows["bill_month"], of_february, arpu_fen=99_999, batch_id="201009"),
        "visit": over(rows["visit"], lambda visit: visit.index % 2 == 0, batch_id="2010043"),
        "group_snapshot": over(rows["group_snapshot"], rescored, tier="A1", batch_id="201101"),
    }


def over(table, which, **cells):
    """The table with some cells of the rows that ``which`` chooses."""
    frame = table.to_pandas()
    chosen = which(frame)
    for name, value in cells.items():
        frame.loc[chosen, name] = value
    return pa.Table.from_pandas(frame, schema=table.schema, preserve_index=False)


def off_later(member):
    later = member[(member["status"] != "active") & (member["load_time"] > pd.Timestamp(DAY))]
    return member["user_id"].isin(later["user_id"]) & (member["status"] == "active")


def of_february(rows):
    return rows["month"] == "201002"


def rescored(snapshot):
    return of_february(snapshot) & (snapshot["group_id"].rank(method="dense") % 2 == 0)
