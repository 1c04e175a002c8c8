"""Triggers, large groups and routes of a simulated county, from its tables as known on a day."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta
from pathlib import Path

import narwhals as nw
import pandas as pd
import pytest

from pipelines import level_rules
from pipelines.facts import known_facts
from pipelines.landed import landed
from pipelines.settings import load
from pipelines.triggers import known_routes, known_triggers, large_groups
from pipelines.workplace import Workplace
from serving.alerting.business import BusinessRules
from serving.alerting.level_rules import AssumedRisk, Hysteresis, LevelRules
from serving.alerting.triggers import KINDS, TriggerRules
from serving.facts import is_large

DAY = date(2010, 3, 3)
EVERY_TIER = ("A1", "A2", "B1", "B2", "C")


class Place(Workplace):
    """A workplace whose tables are those of a folder, or cut from them."""

    def __init__(self, tables):
        object.__setattr__(self, "settings", load())
        object.__setattr__(self, "home", None)
        self.__dict__["tables"] = tables


@pytest.fixture(scope="module")
def place(small_world: Path) -> Place:
    return Place(landed(small_world / "landing", 1))


@pytest.fixture(scope="module")
def facts(place: Place) -> pd.DataFrame:
    return known_facts(place, pd.DataFrame({"group_id": []}), DAY, EVERY_TIER)


@pytest.fixture(scope="module")
def triggers(place: Place, facts: pd.DataFrame) -> pd.DataFrame:
    return known_triggers(place, facts, DAY)


def test_triggers_are_found_told_and_still_count(triggers, facts):
    assert {"key_person_lost", "letter_ending"} <= set(triggers["trigger"])
    assert set(triggers["trigger"]) & {"attack_open", "attack_intent", "attack_reported"}
    assert set(triggers["group_id"]) <= set(facts["group_id"])
    assert triggers["since"].map(lambda day: day <= DAY).all()
    assert triggers["until"].dropna().map(lambda day: day > DAY).all()
    assert triggers[["text_zh", "text_en"]].notna().all(axis=None)
    assert not triggers.duplicated(["group_id", "trigger"]).any()


def test_what_was_loaded_later_changes_no_trigger_and_no_route(place, facts, triggers):
    by_then = pd.Timestamp(DAY + timedelta(1)).to_pydatetime()
    cut = {
        name: frame.filter(nw.col("load_time") < by_then)
        for name, frame in place.tables.frames.items()
    }
    earlier = Place(replace(place.tables, frames=cut))

    pd.testing.assert_frame_equal(known_triggers(earlier, facts, DAY), triggers)
    listed = pd.DataFrame({"group_id": facts["group_id"], "level": "yellow", "priority": 1.0})
    pd.testing.assert_frame_equal(
        known_routes(earlier, listed, facts, DAY), known_routes(place, listed, facts, DAY)
    )


def test_an_operator_without_these_tables_gets_no_triggers(place, facts):
    bare = Place(place.tables.only({"group_snapshot", "member"}))

    assert set(known_triggers(bare, facts, DAY)["level"]) <= {"blue"}


def test_large_groups_are_scored_by_points_and_the_lost_are_left_out(place, facts):
    large = large_groups(place, DAY)

    living = facts[is_large(facts) & ~facts["lifecycle"].isin(["lost", "void"])]
    assert set(large.scores["group_id"]) <= set(living["group_id"])
    assert set(large.scores["method"]) == {"rules"}
    assert large.scores["points"].between(0, 10).all()
    assert len(large.scores) == len(large.features) > 0


def test_every_group_gets_somebody(place, facts):
    listed = pd.DataFrame({"group_id": facts["group_id"], "level": "yellow", "priority": 1.0})

    routed = known_routes(place, listed, facts, DAY)

    assert routed["route_to"].notna().all()
    assert {"owned", "appointed", "pool"} == set(routed["owner_status"])


@pytest.mark.parametrize(
    ("section", "target"),
    [
        ("hysteresis", Hysteresis),
        ("assumed_small", AssumedRisk),
        ("assumed_large", AssumedRisk),
        ("business", BusinessRules),
        ("routing", level_rules.RoutingRules),
    ],
)
def test_a_section_has_the_fields_of_what_it_configures(section, target):
    values = getattr(load().alerting, section)

    assert type(values).model_fields.keys() == {field.name for field in fields(target)}


@pytest.mark.parametrize("by_points", [False, True])
def test_the_settings_make_rules(by_points):
    rules = level_rules.level_rules(load(), by_points=by_points)

    assert isinstance(rules, LevelRules)
    assert rules.small.red == (8 if by_points else 0.20)
    triggers = level_rules.trigger_rules(load())
    assert isinstance(triggers, TriggerRules)
    assert triggers.small.keys() == set(KINDS)
    assert (triggers.small["attack_intent"], triggers.large["key_person_lost"]) == ("red", "red")
