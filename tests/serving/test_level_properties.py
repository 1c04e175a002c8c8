"""What holds of levels whatever the groups are."""

from datetime import date, timedelta
from random import Random

import pandas as pd
from hypothesis import given, settings, strategies as st

from serving.alerting.level_rules import (
    SEVERITY,
    AssumedRisk,
    Hysteresis,
    LevelLimits,
    LevelRules,
    Limits,
    LossLimits,
)
from serving.alerting.levels import levels
from serving.alerting.triggers import COLUMNS

DAY = date(2011, 1, 3)
LEVELS = ["red", "orange", "yellow", "blue", "none"]
OTHERS = {
    "large": Limits(6, 4, 3),
    "loss": LossLimits(3, 0.7, 10_000, 40_000),
    "key_diverted": 0.10,
    "hysteresis": Hysteresis(0.15, 15),
    "cool_down_days": 30,
    "assumed_small": AssumedRisk(0.2, 0.1, 0.05, 0.005),
    "assumed_large": AssumedRisk(0.05, 0.02, 0.01, 0.002),
}
CAPPED = LevelRules(LevelLimits(0.20, 0.10, 0.05, 0.015, 0.05), **OTHERS)
ROOMY = LevelRules(LevelLimits(0.20, 0.10, 0.05, 1, 1), **OTHERS)

NEAR = [0.05, 0.1, 0.2, 0.0425, 0.085, 0.17]
"""Limits, and where their margins end."""
seeds = st.integers(0, 2**32 - 1)


def risks_of(random):
    return random.choice(NEAR) if random.random() < 0.2 else random.uniform(0, 0.4)


def groups_of(seed, size=150):
    """Groups of every kind, many with high risks, and the source of further risks of them."""
    random = Random(seed)
    groups = [
        {
            "group_id": f"g{number:03d}",
            "probability": risks_of(random),
            "monthly_revenue_fen": random.choice([None, 5_000, 15_000, 30_000, 90_000, 2_000_000]),
            "key_members_diverting": random.choice([None, 0, 1]),
            "county_id": random.choice(["east", "east", "west", None]),
            "tier": random.choice(["C", "C", "C", "B1"]),
            "forced": random.choice([*LEVELS, "none", "none"]),
            "before": random.choice(LEVELS),
            "risk_before": risks_of(random),
            "closed": random.choice([None, None, None, *LEVELS[:4]]),
        }
        for number in range(size)
    ]
    return groups, random


def made_of(groups, rules):
    """The levels of some groups, which are told in full by their drawn fields."""
    frame = pd.DataFrame(groups)
    frame = frame.assign(double_top100=False)
    scores = frame[["group_id", "probability"]].assign(method="model", points=None)
    forced = frame[frame["forced"] != "none"]
    triggers = pd.DataFrame(
        {
            "group_id": forced["group_id"],
            "trigger": "t",
            "level": forced["forced"],
            "since": DAY - timedelta(20),
            "text_zh": "发生",
            "text_en": "it happened",
            "until": None,
        }
    )[COLUMNS]
    history = frame.assign(
        as_of=DAY - timedelta(11),
        level=frame["before"],
        probability=frame["risk_before"],
        times_listed=1,
        first_listed=DAY - timedelta(11),
    )
    shut = frame[frame["closed"].notna()]
    cases = pd.DataFrame(
        {
            "group_id": shut["group_id"],
            "level": shut["closed"],
            "closed_time": pd.Timestamp(DAY) - pd.Timedelta(days=5),
            "is_holdout": False,
        }
    )
    return levels(scores, frame, triggers, rules, DAY, history=history, cases=cases)


@settings(max_examples=15, deadline=None)
@given(seeds)
def test_caps_hold_in_every_county_and_the_order_of_rows_does_not_matter(seed):
    groups, random = groups_of(seed, 300)

    made = made_of(groups, CAPPED)

    small = made[made["tier"] == "C"].merge(pd.DataFrame(groups)[["group_id", "county_id"]])
    for _, county in small.groupby(small["county_id"].fillna("")):
        assert county["level"].eq("red").sum() <= 0.015 * len(county)
        assert county["level"].isin(["red", "orange"]).sum() <= 0.05 * len(county)
    assert small["level"].eq("red").any()
    random.shuffle(groups)
    pd.testing.assert_frame_equal(made_of(groups, CAPPED), made)


def alone(groups, **fields):
    """The levels of groups in counties that have room for everybody, so that each is on its own."""
    rows = [
        {**group, **{name: values[number] for name, values in fields.items()}}
        for number, group in enumerate(groups)
    ]
    return made_of(rows, ROOMY)["level"].to_list()


@settings(max_examples=15, deadline=None)
@given(seeds)
def test_a_higher_probability_never_gives_a_lower_level(seed):
    groups, random = groups_of(seed)
    both = [sorted([risks_of(random), risks_of(random)]) for _ in groups]

    below = alone(groups, probability=[low for low, _ in both])
    above = alone(groups, probability=[high for _, high in both])

    assert all(SEVERITY[a] >= SEVERITY[b] for a, b in zip(above, below, strict=True))


@settings(max_examples=15, deadline=None)
@given(seeds)
def test_nobody_is_kept_on_the_same_level_for_two_lists(seed):
    groups, random = groups_of(seed)
    calm = [{**group, "closed": None, "forced": "none"} for group in groups]
    first, second, third = ([risks_of(random) for _ in calm] for _ in range(3))
    nothing, unknown = ["none"] * len(calm), [0.0] * len(calm)

    on_first = alone(calm, probability=first)
    on_second = alone(calm, probability=second, before=on_first, risk_before=first)
    on_third = alone(calm, probability=third, before=on_second, risk_before=second)

    own_second = alone(calm, probability=second, before=nothing, risk_before=unknown)
    own_third = alone(calm, probability=third, before=nothing, risk_before=unknown)
    assert on_second != own_second
    for is_second, is_third, own, own_next in zip(
        on_second, on_third, own_second, own_third, strict=True
    ):
        kept_twice = is_second != own and is_third != own_next
        # Twice only while it falls: the second time at a lower level, which it had reached itself.
        assert not kept_twice or SEVERITY[is_third] < SEVERITY[is_second]
