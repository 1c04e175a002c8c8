"""What a group's members do together, in Polars."""

from __future__ import annotations

import polars as pl

from benchmarks.peers.polars_words import share, slope


def of_groups() -> list[pl.Expr]:
    """Aggregates over the members of each group."""
    c, key = pl.col, pl.col("is_key_member")

    def summed(name: str) -> pl.Expr:
        return pl.when(c(name).count() > 0).then(c(name).sum())

    def part(condition: pl.Expr) -> pl.Expr:
        return condition.sum() / pl.len()

    def change(name: str, of: str, now: str, was: str) -> pl.Expr:
        return share(summed(f"{name}{now}"), summed(f"{of}{now}")) - share(
            summed(f"{name}{was}"), summed(f"{of}{was}")
        )

    def level(name: str, now: str) -> pl.Expr:
        return share(
            share(summed(f"{name}_{now}"), summed(f"u{name}_{now}")),
            share(summed(f"{name}_was"), summed(f"u{name}_was")),
        )

    def fall(name: str) -> pl.Expr:
        before = c(f"{name}13").sum() / c(f"{name}13_n").sum()
        return pl.when(before > 0).then(1 - c(f"{name}0").mean() / before)

    one_sided = (c("mou_out_fall") >= 0.4) & (c("mou_in_fall") < 0.25)
    return [
        pl.len().alias("members"),
        key.sum().alias("key_members"),
        (c("second_sim_recent") > 0).sum().alias("second_sims_recent"),
        part(c("second_sim_score") > 0).alias("second_sim_share"),
        (c("forwards_to_rival") == 1).sum().alias("forwarding_members"),
        part(c("low_bill_months") > 0).alias("low_bill_share"),
        part(c("arrears") > 0).alias("arrears_share"),
        part(c("vnet_minutes") > 0).alias("vnet_active_share"),
        part(c("short_sms_months") > 0).alias("short_sms_share"),
        part(c("contracts_live") > 0).alias("lock_share"),
        share((key & (c("contracts_live") > 0)).sum(), key.sum()).alias("key_lock_share"),
        part(c("freed_lately") == 1).alias("freed_share"),
        part(c("guaranteed_handsets") > 0).alias("guaranteed_share"),
        (c("subsidy_value").sum() / pl.len()).alias("subsidy_per_member"),
        (key & c("silent")).sum().alias("key_members_silent"),
        (key & (c("rival_share_rise") >= 0.1)).sum().alias("key_members_call_rivals"),
        one_sided.sum().alias("one_sided_members"),
        part(c("outgoing_low")).alias("outgoing_low_share"),
        (pl.len() - c("outgoing_low").sum()).alias("undiverted_members"),
        part(c("silent")).alias("silent_share"),
        (key & (one_sided | (c("second_sim_recent") > 0))).sum().alias("key_members_diverting"),
        c("o0").mean().alias("group_mou_out"),
        fall("o").alias("group_out_fall"),
        fall("i").alias("group_in_fall"),
        slope(*(c(f"o{age}").mean() for age in range(6))).alias("group_out_slope"),
        c("v0").mean().alias("group_vnet_minutes"),
        share(summed("vnet_out"), summed("o0")).alias("group_vnet_share"),
        fall("v").alias("group_vnet_fall"),
        slope(*(c(f"v{age}").mean() for age in range(6))).alias("group_vnet_slope"),
        share(summed("r0"), summed("o0")).alias("group_rival_share"),
        change("r", "o", "0", "13").alias("group_rival_rise"),
        c("h0").mean().alias("hotline_rate"),
        share(summed("rival_hotline_calls"), summed("h02_n")).alias("hotline_rate_quarter"),
        share(c("arrived").sum(), c("arrived_lately").sum()).alias("usage_arrived"),
        c("b0").mean().alias("group_arpu"),
        fall("b").alias("group_arpu_fall"),
        slope(*(c(f"b{age}").mean() for age in range(6))).alias("group_arpu_slope"),
        level("o", "newest").alias("group_out_level_dekad"),
        level("o", "now").alias("group_out_level_dekads"),
        level("i", "now").alias("group_in_level_dekads"),
        change("r", "o", "_now", "_was").alias("group_rival_rise_dekad"),
        share((c("known") & ~c("active")).sum(), c("known").sum()).alias("silent_share_dekad"),
        c("is_new").sum().alias("second_sims_new"),
    ]


def derived_of_groups() -> list[pl.Expr]:
    """What follows from the aggregates."""
    c = pl.col
    return [
        (c("group_out_fall") - c("group_in_fall")).alias("group_diversion_gap"),
        share(c("one_sided_members"), c("members")).alias("one_sided_share"),
        (c("group_in_level_dekads") - c("group_out_level_dekads")).alias(
            "group_diversion_gap_dekad"
        ),
    ]
