"""The features over bills, usage, dekads, second SIMs and contracts by hand in Polars.

Those of members and those of groups that read these tables and the roster: what an analyst would
write who keeps his tables in Polars. Names, meanings and results are those of the catalogue.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from benchmarks.peers.polars_groups import derived_of_groups, of_groups
from benchmarks.peers.polars_members import held, lately, paid, second_sims, used
from benchmarks.peers.polars_tables import Known, groups, roster
from benchmarks.peers.polars_words import fallen_from, share, slope


def polars_features(landing: Path, day: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Member features and group features of one day, from the files of a folder ``landing``."""
    known = Known(landing, day)
    wide = roster(known).collect()
    each = wide.lazy().select("user_id", "group_id", "open_date")
    parts = [part(known, each) for part in (used, paid, lately, second_sims, held)]
    for part in pl.collect_all(parts):
        wide = wide.join(part, on="user_id", how="left")
    wide = wide.with_columns(*_filled()).with_columns(*_derived())
    together = wide.group_by("group_id").agg(*of_groups())
    all_groups = groups(known).collect().join(together, on="group_id", how="left")
    nothing = [pl.col(name).fill_null(0) for name in COUNTS_OF_GROUPS]
    of_each = all_groups.with_columns(*nothing).with_columns(*derived_of_groups())
    return wide.select("user_id", "group_id", *MEMBER_NAMES), of_each


def polars_names() -> list[str]:
    """The features that are written in Polars."""
    together = [*of_groups(), *derived_of_groups()]
    return [*MEMBER_NAMES, *(expression.meta.output_name() for expression in together)]


MEMBER_NAMES = (
    *("mou_out", "mou_in", "mou_out_fall", "mou_in_fall", "diversion_gap", "outgoing_low"),
    *("silent", "data_volume", "data_fall", "months_known", "active_day_out_fall"),
    *("in_out_ratio_change", "numbers_called_fall", "toll_share", "roam_share", "days_active"),
    *("days_unused", "hotline_calls", "rival_share_out", "rival_share_rise"),
    *("rival_hotline_calls", "forwards_to_rival", "vnet_minutes", "vnet_share", "vnet_fall"),
    *("short_sms_months", "arpu", "arpu_fall", "low_bill_months", "arrears", "plan_downgrades"),
    *("recharged", "recharge_fall", "days_since_recharge", "arpu_slope", "overage_share"),
    *("low_bill_months_this_year", "recharge_months", "bonus_returned", "balance_end"),
    *("company_paid_share", "outgoing_a_day", "outgoing_level", "incoming_level"),
    *("outgoing_level_newest", "level_gap", "active_share", "silence_days"),
    *("rival_share_dekads", "rival_share_dekads_rise", "rival_hotline_dekads"),
    *("vnet_share_dekads_rise", "data_level", "sms_level", "second_sim_score"),
    *("second_sim_recent", "second_sim_days", "contracts_live", "days_to_contract_end"),
    *("contracts_just_ended", "guaranteed_handsets", "subsidy_value", "min_spend"),
    *("kinds_running", "freed_lately"),
)


COUNTS = (
    *("months_known", "second_sim_score", "second_sim_recent", "contracts_live"),
    *("contracts_just_ended", "guaranteed_handsets", "subsidy_value", "min_spend"),
    *("kinds_running", "freed_lately"),
)
"""What is nothing, not unknown, where a member has no row."""
COUNTS_OF_GROUPS = (
    *("members", "key_members", "second_sims_recent", "forwarding_members"),
    *("key_members_silent", "key_members_call_rivals", "one_sided_members"),
    *("undiverted_members", "key_members_diverting", "second_sims_new"),
)
"""What is nothing, not unknown, where a group has no member."""


def _filled() -> list[pl.Expr]:
    return [pl.col(name).cast(pl.Float64).fill_null(0) for name in COUNTS]


def _derived() -> list[pl.Expr]:
    c = pl.col
    out_fall = fallen_from("o0", "o13", "o13_n")
    in_fall = fallen_from("i0", "i13", "i13_n")
    low = (c("out_base") > 0) & (c("o0") <= 0.65 * c("out_base"))
    return [
        c("o0").alias("mou_out"),
        c("i0").alias("mou_in"),
        out_fall.alias("mou_out_fall"),
        in_fall.alias("mou_in_fall"),
        (out_fall - in_fall).alias("diversion_gap"),
        (low & (c("o1") <= 0.65 * c("out_base")) & (c("i0") >= 0.7 * c("in_base"))).alias(
            "outgoing_low"
        ),
        share(c("r0"), c("o0")).alias("rival_share_out"),
        (share(c("r0"), c("o0")) - share(c("r13"), c("o13"))).alias("rival_share_rise"),
        c("v0").alias("vnet_minutes"),
        share(c("vnet_out"), c("o0")).alias("vnet_share"),
        fallen_from("v0", "v13", "v13_n").alias("vnet_fall"),
        c("b0").alias("arpu"),
        fallen_from("b0", "b13", "b13_n").alias("arpu_fall"),
        slope(*(c(f"b{age}").cast(pl.Float64) for age in range(6))).alias("arpu_slope"),
        (c("incoming_level") - c("outgoing_level")).alias("level_gap"),
    ]
