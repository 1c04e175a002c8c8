"""A small contract with every kind of rule, and the two halves' verdicts on a drawn table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from data_contracts.contract import Table, load
from data_contracts.predicates import ROW, checks

TOY = """
apiVersion: v3.1.0
kind: DataContract
id: groupchurn.test.toy
version: 1.0.0
status: active
slaProperties: [{property: latency, value: 3, unit: d}]
schema:
- name: toy
  description: A table with every kind of rule.
  customProperties:
  - {property: code, value: T99}
  - {property: grain, value: interval}
  - {property: interval, value: [valid_from, valid_to]}
  - {property: meaning_zh, value: 各类规则的示例表}
  quality:
  - name: validity
    type: custom
    engine: groupchurn
    description: It must end after it starts.
    implementation: {rule: order, columns: [valid_from, valid_to], strict: true}
  - name: halves
    type: custom
    engine: groupchurn
    description: The parts must not exceed the whole by more than 1.
    implementation: {rule: sum_at_most, parts: [part_a, part_b], whole: minutes, tolerance: 1}
  - name: shares
    type: custom
    engine: groupchurn
    description: The shares must not exceed their sum.
    implementation: {rule: sum_at_most, parts: [share, share_b], whole: share_sum, tolerance: 0}
  - name: either
    type: custom
    engine: groupchurn
    description: A row must name a note or a flag, not both.
    implementation: {rule: present, columns: [note, flag], count: exactly_one}
  - name: some
    type: custom
    engine: groupchurn
    description: A row must have a part.
    implementation: {rule: present, columns: [part_a, part_b], count: at_least_one}
  - name: one_place
    type: custom
    engine: groupchurn
    description: A member must not be in two places on the same day.
    implementation: {rule: no_overlap, interval: [valid_from, valid_to], per: [member]}
  properties:
"""
COLUMNS = {
    "member": "string, logicalTypeOptions: {pattern: '^[a-z][0-9]{1,3}$'}",
    "place": "string, logicalTypeOptions: {maxLength: 3}",
    "valid_from": "date",
    "valid_to": "date",
    "note": "string",
    "flag": "boolean",
    "tier": "string",
    "term": "integer",
    "minutes": "integer, logicalTypeOptions: {minimum: 0, maximum: 100}",
    "part_a": "integer",
    "part_b": "integer",
    "share": "number, physicalType: 'DECIMAL(18,4)', logicalTypeOptions: {minimum: 0, maximum: 1}",
    "share_b": "number, physicalType: 'DECIMAL(18,4)'",
    "share_sum": "number, physicalType: 'DECIMAL(18,4)'",
    "margin": "number, physicalType: DOUBLE, logicalTypeOptions: {minimum: -1.5}",
    "load_time": "timestamp",
    "op": "string",
    "batch_id": "string",
}
KEY = ("member", "place", "valid_from", "load_time")
ALLOWED = {"tier": "[A, B]", "term": "[6, 12]", "op": "[I, U, D]"}
REQUIRED = (*KEY, "valid_to", "minutes", "batch_id")

Frame = Sequence[dict[str, object]]
Judge = Callable[[Table, pd.DataFrame], set[str]]


def toy_yaml() -> str:
    """The contract of the toy table as a file would hold it."""
    lines = []
    for name, kind in COLUMNS.items():
        extra = f", required: {str(name in REQUIRED).lower()}"
        if name in KEY:
            extra += f", primaryKey: true, primaryKeyPosition: {KEY.index(name) + 1}"
        if name in ALLOWED:
            values = f"arguments: {{validValues: {ALLOWED[name]}}}"
            extra += f", quality: [{{type: library, metric: invalidValues, mustBe: 0, {values}}}]"
        custom = "customProperties: [{property: meaning_zh, value: 列}]"
        about = f"classification: internal, description: A column., {custom}"
        lines.append(f"  - {{name: {name}, logicalType: {kind}{extra}, {about}}}")
    return TOY.lstrip() + "\n".join(lines) + "\n"


@pytest.fixture(scope="session")
def toy_text() -> str:
    return toy_yaml()


@pytest.fixture(scope="session")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Table:
    path: Path = tmp_path_factory.mktemp("contracts") / "toy.odcs.yaml"
    path.write_text(toy_yaml(), encoding="utf-8")
    return load(path)


@pytest.fixture(scope="session")
def rows_broken() -> Callable[[Table, pd.DataFrame], dict[str, set[int]]]:
    """What the DuckDB half says: the rows (0, 1, …) that break each rule, every column as text."""

    def judge(table: Table, frame: pd.DataFrame) -> dict[str, set[int]]:
        connection = duckdb.connect()
        cells = ", ".join(f'"{name}" VARCHAR' for name in table.names)
        connection.execute(f"CREATE TABLE delivered ({ROW} BIGINT, {cells})")
        holes = ", ".join("?" * (len(table.names) + 1))
        rows = [
            [number, *(None if cell is None else str(cell) for cell in row)]
            for number, row in enumerate(frame[list(table.names)].astype(object).values.tolist())
        ]
        connection.executemany(f"INSERT INTO delivered VALUES ({holes})", rows)
        found = {
            rule.id: {row for (row,) in connection.execute(query).fetchall()}
            for rule, query in checks(table, "delivered")
        }
        connection.close()
        return {rule: rows for rule, rows in found.items() if rows}

    return judge
