"""Every contract that ships is a valid one, and says what the rest of the project relies on."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft201909Validator

from data_contracts.contract import HERE, Table, load, published_tables, source_tables

FILES = sorted(HERE.glob("*/*.odcs.yaml"))
TABLES = [*source_tables().values(), *published_tables().values()]
each_table = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
each_source = pytest.mark.parametrize(
    "table", source_tables().values(), ids=lambda table: table.name
)


@pytest.fixture(scope="module")
def standard() -> Draft201909Validator:
    schema = files("open_data_contract_standard").joinpath("schema.json")
    return Draft201909Validator(json.loads(schema.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_contract_keeps_the_standard_and_loads(
    path: Path, standard: Draft201909Validator
) -> None:
    standard.validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    assert load(path).name == path.name.removesuffix(".odcs.yaml")


def test_the_operator_delivers_26_tables_and_we_deliver_five() -> None:
    assert [table.code for table in source_tables().values()] == [
        f"T{number:02d}" for number in range(1, 26 + 1)
    ]
    assert list(published_tables()) == [
        "group_score",
        "member_score",
        "risk_list",
        "alert",
        "group_shap",
    ]


@each_source
def test_every_delivered_row_says_when_it_happened_and_when_it_was_known(table: Table) -> None:
    load_columns = ("event_time", "load_time", "batch_id", "op", "src_system")
    assert table.names[-5:] == load_columns
    assert all(table.column(name).required for name in load_columns)
    assert table.physical_key == (*table.key, "load_time")


@each_table
def test_every_column_is_explained_in_two_languages(table: Table) -> None:
    for column in table.columns:
        assert column.meaning.endswith(".")
        assert any("一" <= sign <= "鿿" for sign in column.meaning_zh)


@each_table
def test_every_rule_has_an_id_of_its_own_and_a_sentence(table: Table) -> None:
    ids = [rule.id for rule in table.rules]
    assert len(set(ids)) == len(ids)
    assert all(rule.id.startswith(f"{table.name}.") for rule in table.rules)
    assert all(rule.text.endswith(".") for rule in table.rules)


@each_source
def test_tokens_of_people_are_restricted(table: Table) -> None:
    hashed = [column for column in table.columns if column.name.endswith(("_hash", "peer_key"))]
    assert all(column.classification == "restricted" for column in hashed)
    assert all(column.pattern == "^[0-9a-f]{32}$" for column in hashed)


def test_money_is_whole_fen_and_data_whole_kilobytes() -> None:
    for table in source_tables().values():
        for column in table.columns:
            unit = {"_fen": "fen", "_li": "li", "_kb": "KB"}.get(
                column.name[column.name.rfind("_") :]
            )
            if unit:
                assert (column.kind, column.unit) == ("integer", unit), column.name


def test_reading_contracts_loads_nothing_heavy() -> None:
    code = (
        "import sys; from data_contracts import contract, predicates, personal;"
        "contract.source_tables();"
        "print([m for m in ('great_expectations', 'pandas', 'duckdb') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=HERE.parent
    )
    assert done.stdout.strip() == "[]"
