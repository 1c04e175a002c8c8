"""Tables, features and commands: each complete, each explained."""

from __future__ import annotations

import inspect
import math
import re

import pytest

from data_contracts.contract import source_tables
from features.catalog import FEATURES, GROUP_FEATURES, MEMBER_FEATURES
from features.definition import Feature
from pipelines.cli import COMMANDS, GROUPS
from pipelines.commands import docstring, option_help

TABLES = tuple(
    """
    dim_area group_snapshot staff group_manager_rela member membership_hist usage_month usage_dekad
    bill_month call_edge_month rival_number second_sim_ind contract product_holding
    product_usage_month rival_event rival_campaign visit ticket auth_letter alert_case campaign
    treatment kpi_target kpi_actual snapshot_base
    """.split()
)
"""T01 to T26, in this order."""

GIVEN_TO_ALL = {"home", "config"}


def test_there_is_a_contract_for_each_table_and_no_other() -> None:
    assert {table.code: table.name for table in source_tables().values()} == {
        f"T{number:02}": name for number, name in enumerate(TABLES, 1)
    }


def test_every_row_says_when_it_happened_and_when_it_was_known() -> None:
    told = ("event_time", "load_time", "batch_id", "op", "src_system")
    lacking = {
        table.name: set(told) - {column.name for column in table.columns if column.required}
        for table in source_tables().values()
    }

    assert lacking == {name: set() for name in TABLES}


def test_a_feature_has_a_name_of_its_own() -> None:
    assert len(FEATURES) == len(MEMBER_FEATURES) + len(GROUP_FEATURES) >= 40


@pytest.mark.parametrize("feature", FEATURES.values(), ids=FEATURES.keys())
def test_a_feature_can_be_named_understood_and_put_in_words(feature: Feature) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", feature.name)
    assert feature.meaning.endswith(".")
    assert feature.low < feature.high
    for value in (feature.low, feature.high):
        for contribution in (-0.1, 0.1):
            said = feature.sentence(value if math.isfinite(value) else 0.0, contribution)
            assert re.search(r"[\u4e00-\u9fff]", said.zh)
            assert re.search(r"[a-z]", said.en)
            assert "{" not in said.zh + said.en


@pytest.mark.parametrize("path", COMMANDS)
def test_a_command_says_what_it_does_what_its_options_mean_and_how_it_is_called(path: str) -> None:
    function = COMMANDS[path].load()
    parts = docstring(function)
    own = inspect.signature(function).parameters.keys() - GIVEN_TO_ALL

    assert parts["help"]
    assert f"groupchurn {path}" in parts["Example"]
    assert option_help(function).keys() == own


def test_every_group_of_commands_has_commands() -> None:
    assert {path.split()[0] for path in COMMANDS if " " in path} == set(GROUPS)
