"""What was computed once is read back; what is new, or was made otherwise, is computed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import narwhals as nw
import pandas as pd
import pytest

import features.compute
from features import group_features, member_features
from features.cache import Cache
from features.catalog import FEATURES
from features.definition import Window, member_feature
from features.expressions import total
from features.fingerprint import fingerprints
from features.reasons import Reason
from pipelines.workplace import open_workplace

DAY = date(2010, 3, 13)
SOME = [FEATURES[name] for name in ("mou_out", "mou_out_fall", "diversion_gap", "arpu")]


@pytest.fixture
def tables(trained_home, tmp_path):
    version = open_workplace(trained_home).warehouse.manifest.version
    return replace(open_workplace(trained_home).tables, cache=Cache(tmp_path, version))


@pytest.fixture
def passes(monkeypatch):
    """The days and features of every pass over the tables that was needed."""
    seen = []

    class Watched(features.compute.Pass):
        def __init__(self, tables, days, tiers):
            super().__init__(tables, days, tiers)
            self.days = days

        def members(self, wanted):
            seen.append((list(self.days), [feature.name for feature in wanted]))
            return super().members(wanted)

        def groups(self, wanted):
            seen.append((list(self.days), [feature.name for feature in wanted]))
            return super().groups(wanted)

    monkeypatch.setattr(features.compute, "Pass", Watched)
    return seen


def test_a_second_call_for_the_same_day_is_read_back_bit_by_bit(tables, passes):
    first = member_features(tables, [DAY], SOME)
    second = member_features(tables, [DAY], SOME)

    assert len(passes) == 1
    pd.testing.assert_frame_equal(first, second, check_exact=True)


def test_what_is_read_back_is_what_is_computed_without_a_cache(tables):
    kept = group_features(tables, [DAY])
    pd.testing.assert_frame_equal(group_features(tables, [DAY]), kept, check_exact=True)
    pd.testing.assert_frame_equal(
        group_features(replace(tables, cache=None), [DAY]), kept, check_exact=True
    )


def test_only_new_days_and_new_features_are_computed(tables, passes):
    later = DAY + timedelta(10)
    member_features(tables, [DAY], SOME[:2])
    member_features(tables, [DAY, later], SOME)

    assert passes[1:] == [
        ([DAY], ["diversion_gap", "arpu"]),
        ([later], ["mou_out", "mou_out_fall", "diversion_gap", "arpu"]),
    ]


def test_a_run_that_was_cut_short_goes_on_after_the_days_it_had_finished(
    tables, passes, monkeypatch
):
    days = [DAY + timedelta(10 * k) for k in range(3)]
    monkeypatch.setattr(features.compute, "DAYS_AT_ONCE", 1)

    def stop_after_two(done, _of):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        member_features(tables, days, SOME, progress=stop_after_two)
    whole = member_features(tables, days, SOME)

    assert [seen[0] for seen in passes] == [[days[0]], [days[1]], [days[2]]]
    assert sorted(set(whole["as_of"])) == days


def test_members_of_one_tier_are_not_taken_for_those_of_all(tables):
    everybody = member_features(tables, [DAY], SOME)
    of_c = member_features(tables, [DAY], SOME, tiers=("C",))

    assert 0 < len(of_c) < len(everybody)


WHICH = 0


def minutes(age):
    """A feature that reads the constant above, set to ``age``."""

    @member_feature(
        over=Window("usage_month", lookback=7),
        unit="minutes",
        between=(0, 10**6),
        family="usage",
        reason=Reason.SIZE,
        raises=("分钟", "minutes"),
    )
    def minutes_then(mou_out_m: nw.Expr, age: nw.Expr) -> nw.Expr:
        """Outgoing minutes of some month."""
        return total(mou_out_m, age == WHICH)

    globals()["WHICH"] = age
    return minutes_then


def test_a_feature_whose_constant_changed_is_computed_again(tables, passes):
    newest = member_features(tables, [DAY], [minutes(0)])
    before = member_features(tables, [DAY], [minutes(1)])
    again = member_features(tables, [DAY], [minutes(0)])

    assert len(passes) == 2
    assert not newest["minutes_then"].equals(before["minutes_then"])
    assert newest["minutes_then"].equals(again["minutes_then"])


def test_a_feature_whose_helper_in_another_theme_changed_is_computed_again(tables, monkeypatch):
    before = fingerprints([FEATURES["outgoing_level"]], {}, {})
    monkeypatch.setattr("features.member.dekads.level", lambda *amounts: amounts[0])

    assert fingerprints([FEATURES["outgoing_level"]], {}, {}) != before


def test_what_a_feature_sees_does_not_depend_on_the_windows_of_others(drawn):
    tables = drawn(
        member="""
        user_id | load_time
        ann     | 2009-01-01
        """,
        bill_month="""
        user_id | month  | arpu_fen | load_time
        ann     | 200908 | 3000     | 2009-09-08
        """,
    )
    names = ["low_bill_months", "low_bill_months_this_year"]  # the last 7 and the last 12 months

    alone = member_features(tables, [date(2010, 7, 3)], names[:1])
    together = member_features(tables, [date(2010, 7, 3)], names)

    assert together["low_bill_months"].equals(alone["low_bill_months"])


def test_a_damaged_block_is_computed_again(tables, passes, tmp_path):
    first = member_features(tables, [DAY], SOME)
    (block,) = tmp_path.rglob("*.parquet")
    block.write_bytes(block.read_bytes()[:100])

    pd.testing.assert_frame_equal(member_features(tables, [DAY], SOME), first, check_exact=True)
    assert len(passes) == 2


def test_rows_loaded_later_leave_what_is_kept_and_rows_known_on_the_day_do_not(tables, passes):
    of_day = {DAY: "a"}
    kept = replace(tables, cache=Cache(tables.cache.folder, lambda day: of_day[day]))
    member_features(kept, [DAY], SOME)
    member_features(kept, [DAY], SOME)
    of_day[DAY] = "b"
    member_features(kept, [DAY], SOME)

    assert len(passes) == 2
