"""What members used, paid, and are held by, in Polars: one row a member."""

from __future__ import annotations

import polars as pl

from benchmarks.peers.polars_tables import Known
from benchmarks.peers.polars_words import (
    at,
    between,
    closed_dekads,
    closed_months,
    fallen,
    mean,
    share,
    total,
)

AGE = pl.col("age")


def used(known: Known, users: pl.LazyFrame) -> pl.LazyFrame:
    """What each member used in the last seven closed months."""
    rows = known.periods("usage_month", closed_months(known.day, 5, 7), users).with_columns(
        vnet=pl.col("vnet_out_m") + pl.col("vnet_in_m"),
        hotline=pl.col("calls_10000_n") + pl.col("calls_10010_n"),
        both=pl.col("mou_out_m") + pl.col("mou_in_m"),
        unused=(pl.col("ended") - pl.col("last_active_date")).dt.total_days(),
    )
    before, base, quarter, half = between(1, 3), between(2, 6), AGE < 3, AGE < 6
    out, into, days = pl.col("mou_out_m"), pl.col("mou_in_m"), pl.col("active_days")
    forwards = pl.col("fwd_set_flag")
    a_day = share(total(out, (AGE.eq(0)) & days.is_not_null()), total(days, AGE.eq(0)))
    a_day_before = share(total(out, before & days.is_not_null()), total(days, before))
    return rows.group_by("user_id").agg(
        *(at(out, age).alias(f"o{age}") for age in range(6)),
        *(at(pl.col("vnet"), age).alias(f"v{age}") for age in range(6)),
        at(into, 0).alias("i0"),
        at(pl.col("mou_out_rival_m"), 0).alias("r0"),
        at(pl.col("vnet_out_m"), 0).alias("vnet_out"),
        at(pl.col("hotline"), 0).alias("h0"),
        total(out, before).alias("o13"),
        out.filter(before).count().alias("o13_n"),
        total(into, before).alias("i13"),
        into.filter(before).count().alias("i13_n"),
        total(pl.col("vnet"), before).alias("v13"),
        pl.col("vnet").filter(before).count().alias("v13_n"),
        total(pl.col("mou_out_rival_m"), before).alias("r13"),
        mean(out, base).alias("out_base"),
        mean(into, base).alias("in_base"),
        total(pl.col("hotline"), quarter).alias("rival_hotline_calls"),
        pl.col("hotline").filter(quarter).count().alias("h02_n"),
        pl.when(forwards & (AGE < 2))
        .then(1)
        .when(~forwards)
        .then(0)
        .max()
        .alias("forwards_to_rival"),
        (AGE.eq(0)).any().alias("arrived"),
        (AGE < 2).any().alias("arrived_lately"),
        at(pl.col("both") + pl.col("data_kb").fill_null(0), 0).eq(0).alias("silent"),
        at(pl.col("data_kb"), 0).alias("data_volume"),
        fallen(pl.col("data_kb")).alias("data_fall"),
        fallen(pl.col("distinct_out_n")).alias("numbers_called_fall"),
        out.count().alias("months_known"),
        pl.when(a_day_before > 0).then(1 - a_day / a_day_before).alias("active_day_out_fall"),
        share(share(at(into, 0), at(out, 0)), share(total(into, before), total(out, before))).alias(
            "in_out_ratio_change"
        ),
        share(total(pl.col("mou_toll_m"), quarter), total(pl.col("both"), quarter)).alias(
            "toll_share"
        ),
        share(total(pl.col("mou_roam_m"), quarter), total(pl.col("both"), quarter)).alias(
            "roam_share"
        ),
        at(days, 0).alias("days_active"),
        at(pl.col("unused").clip(lower_bound=0), 0).alias("days_unused"),
        total(pl.col("calls_10086_n"), quarter).alias("hotline_calls"),
        (half & (pl.col("sms_short_out_n") > 0)).sum().alias("short_sms_months"),
    )


def paid(known: Known, users: pl.LazyFrame) -> pl.LazyFrame:
    """What each member paid in the last twelve closed months."""
    rows = known.periods("bill_month", closed_months(known.day, 8, 12), users)
    bill, before, quarter, half = pl.col("arpu_fen"), between(1, 3), AGE < 3, AGE < 6
    low, this_year = bill < 5000, pl.col("month").str.slice(0, 4) == str(known.day.year)
    last = pl.col("last_recharge_date").filter(AGE < 7).max()

    def part_of_bill(column: str) -> pl.Expr:
        told = quarter & pl.col(column).is_not_null()
        return share(total(pl.col(column), told), total(bill, told)).clip(upper_bound=1)

    return rows.group_by("user_id").agg(
        *(at(bill, age).alias(f"b{age}") for age in range(6)),
        total(bill, before).alias("b13"),
        bill.filter(before).count().alias("b13_n"),
        total(bill, quarter).alias("b02"),
        (low & half).sum().alias("low_bill_months"),
        (low & this_year).sum().alias("low_bill_months_this_year"),
        at(pl.col("arrears_fen"), 0).alias("arrears"),
        ((pl.col("plan_change") == "down") & half).sum().alias("plan_downgrades"),
        at(pl.col("recharge_fen"), 0).alias("recharged"),
        fallen(pl.col("recharge_n")).alias("recharge_fall"),
        (pl.lit(known.day) - last).dt.total_days().alias("days_since_recharge"),
        part_of_bill("overage_fen").alias("overage_share"),
        part_of_bill("unified_paid_fen").alias("company_paid_share"),
        ((pl.col("recharge_n") > 0) & half).sum().alias("recharge_months"),
        at(pl.col("bonus_return_fen"), 0).alias("bonus_returned"),
        at(pl.col("balance_end_fen"), 0).alias("balance_end"),
    )


def lately(known: Known, users: pl.LazyFrame) -> pl.LazyFrame:
    """What each member did in the last twelve dekads, beside what everybody did in them."""
    rows = known.periods("usage_dekad", closed_dekads(known.day, 12), users)
    rows = rows.join(users.select("user_id", "open_date"), on="user_id")
    owned = (pl.col("ended") - pl.col("open_date")).dt.total_days() + 1
    rows = rows.with_columns(days=pl.min_horizontal("length", owned)).filter(pl.col("days") > 0)
    amounts = {"out": "mou_out_m", "in": "mou_in_m", "data": "data_kb"}
    whole = rows.filter(pl.col("days") == pl.col("length")).group_by("age")
    usual = whole.agg(
        (
            pl.col(amount).sum() * 1000 // pl.col("days").filter(pl.col(amount).is_not_null()).sum()
        ).alias(f"usual_{name}")
        for name, amount in amounts.items()
    )
    rows = rows.join(usual, on="age", how="left").with_columns(
        pl.col(f"usual_{name}") * pl.col("days") for name in amounts
    )
    now, was, days = AGE < 3, AGE > 2, pl.col("days")
    out, rival, vnet = pl.col("mou_out_m"), pl.col("mou_rival_m"), pl.col("vnet_m")
    both = out + pl.col("mou_in_m")

    def rate(amount: str, where: pl.Expr) -> pl.Expr:
        known_ = where & pl.col(amount).is_not_null()
        return share(total(pl.col(amount), known_), total(days, known_))

    def part(amount: pl.Expr, where: pl.Expr) -> pl.Expr:
        return share(total(amount, where), total(out, where & amount.is_not_null()))

    def level(name: str, where: pl.Expr) -> pl.Expr:
        amount, usual = pl.col(amounts[name]), pl.col(f"usual_{name}")
        before = share(total(amount, was), total(usual, was))
        return share(share(total(amount, where), total(usual, where)), before)

    named = {"now": now, "was": was, "newest": AGE.eq(0)}
    sums = {"o": out, "uo": pl.col("usual_out"), "i": pl.col("mou_in_m"), "ui": pl.col("usual_in")}
    sums |= {"r": rival, "v": vnet, "m": both}
    silence = pl.when(pl.col("active_days") < days).then(days - pl.col("active_days")).otherwise(0)
    used = (both > 0) | (pl.col("data_kb").fill_null(0) > 0)
    return rows.group_by("user_id").agg(
        *(total(sums[s], named[n]).alias(f"{s}_{n}") for s in sums for n in named),
        (AGE.eq(0)).any().alias("known"),
        ((AGE.eq(0)) & used).any().alias("active"),
        rate("mou_out_m", now).alias("outgoing_a_day"),
        level("out", now).alias("outgoing_level"),
        level("in", now).alias("incoming_level"),
        level("out", AGE.eq(0)).alias("outgoing_level_newest"),
        level("data", now).alias("data_level"),
        rate("active_days", now).clip(upper_bound=1).alias("active_share"),
        total(silence, now & pl.col("active_days").is_not_null()).alias("silence_days"),
        part(rival, now).alias("rival_share_dekads"),
        (part(rival, now) - part(rival, was)).alias("rival_share_dekads_rise"),
        total(pl.col("calls_100xx_n"), now).alias("rival_hotline_dekads"),
        (part(vnet, now) - part(vnet, was)).alias("vnet_share_dekads_rise"),
        share(rate("sms_out_n", now), rate("sms_out_n", was)).alias("sms_level"),
    )


def second_sims(known: Known, users: pl.LazyFrame) -> pl.LazyFrame:
    """Second SIMs that the operator's rules found."""
    rows = known.periods("second_sim_ind", closed_months(known.day, 10, 12), users)
    score = pl.col("score").cast(pl.Float64)
    return rows.group_by("user_id").agg(
        score.filter(AGE < 6).max().alias("second_sim_score"),
        score.filter(AGE < 3).count().alias("second_sim_recent"),
        (pl.lit(known.day) - pl.col("ended").min()).dt.total_days().alias("second_sim_days"),
        ((AGE < 6).any() & ~between(3, 5).any()).alias("is_new"),
    )


def held(known: Known, users: pl.LazyFrame) -> pl.LazyFrame:
    """The contracts that hold each member."""
    rows = known.rows("contract", "contract_id")
    starts = (pl.col("start_date") - pl.lit(known.day)).dt.total_days()
    ends = (pl.col("end_date") - pl.lit(known.day)).dt.total_days()
    live = (starts <= 0) & (ends > 0) & (pl.col("status") != "broken")
    given = pl.col("subsidy_cost_fen").fill_null(0) + pl.col("bonus_fen").fill_null(0)
    rows = rows.join(users.select("user_id"), on="user_id", how="semi")
    just_ended = ((ends <= 0) & (ends > -60)).sum()
    guaranteed = live & (pl.col("type") == "handset_guarantee")
    return rows.group_by("user_id").agg(
        live.sum().alias("contracts_live"),
        ends.filter(live).max().alias("days_to_contract_end"),
        just_ended.alias("contracts_just_ended"),
        guaranteed.sum().alias("guaranteed_handsets"),
        given.filter(live).sum().alias("subsidy_value"),
        pl.col("min_spend_fen").filter(live).max().alias("min_spend"),
        pl.col("type").filter(live).drop_nulls().n_unique().alias("kinds_running"),
        ((just_ended > 0) & (live.sum() == 0)).alias("freed_lately"),
    )
