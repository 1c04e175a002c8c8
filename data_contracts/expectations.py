"""The Great Expectations half of a contract: the gate that good rows pass before anything
is published. The only file that imports Great Expectations.

Every rule becomes at least one expectation, or compiling fails. Results are BOOLEAN_ONLY:
no cell of a customer ever stands in a result, a log or an error.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import great_expectations as gx
import numpy as np
import pandas as pd
from great_expectations.core.batch_definition import BatchDefinition
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)

from data_contracts.cells import Cells, read_cells
from data_contracts.contract import ContractError, Rule, RuleKind, Table
from data_contracts.frame_rules import KEEPERS

Expectation = dict[str, Any]
"""An expectation as Great Expectations writes it in JSON: type, kwargs and meta."""

GIVEN, READABLE = " as delivered", " readable"
SMALLEST, LARGEST = "expect_column_min_to_be_between", "expect_column_max_to_be_between"


@dataclass(frozen=True)
class Verdict:
    """Whether a table keeps its contract, and the ids of the rules it breaks."""

    success: bool
    failed: tuple[str, ...]


def suite(table: Table) -> gx.ExpectationSuite:
    """The contract of ``table`` as a suite over the columns that ``judged`` makes.

    Raises:
        ContractError: a rule is of a kind that no expectation is known for.
    """
    return gx.ExpectationSuite(name=table.name, expectations=_compiled(table))


def validate(table: Table, frame: pd.DataFrame) -> Verdict:
    """Hold every row of ``frame`` against every rule of ``table``.

    Args:
        table: The contract.
        frame: One row per row of the table; its columns may be typed or text. Columns
            beyond the contract are not looked at.

    Raises:
        ContractError: a column is missing, or Great Expectations could not judge a rule.
    """
    if missing := [name for name in table.names if name not in frame.columns]:
        raise ContractError(f"table {table.name}: column {', '.join(missing)} is missing")
    if frame.empty:
        return Verdict(True, ())
    facts = judged(table, frame)
    spoken = [e for e in _compiled(table) if not _silent(e, facts)]
    batch = _whole_frame().get_batch({"dataframe": facts})
    result = batch.validate(
        gx.ExpectationSuite(name=table.name, expectations=spoken), result_format="BOOLEAN_ONLY"
    )
    return _verdict(table, result)


def judged(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """The columns a suite speaks about: each column understood, as delivered, and readable,
    and for each rule that Great Expectations cannot judge itself, whether a row keeps it."""
    cells: dict[str, Cells] = {
        column.name: read_cells(frame[column.name].reset_index(drop=True), column)
        for column in table.columns
    }
    facts: dict[str, Any] = {name: cell.values for name, cell in cells.items()}
    values = pd.DataFrame(facts)
    for name, cell in cells.items():
        facts[name + GIVEN] = cell.given
        facts[name + READABLE] = cell.readable.astype("int8")
    for rule in table.rules:
        if rule.kind in KEEPERS:
            facts[rule.id] = np.asarray(KEEPERS[rule.kind](values, rule, table)).astype("int8")
    return pd.DataFrame(facts)


@cache
def _whole_frame() -> BatchDefinition[Any]:
    """The one door through which frames reach Great Expectations; nothing is kept on disk."""
    in_memory = InMemoryStoreBackendDefaults(init_temp_docs_sites=False)
    context = gx.get_context(
        mode="ephemeral", project_config=DataContextConfig(store_backend_defaults=in_memory)
    )
    context.enable_analytics(False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    asset = context.data_sources.add_pandas("memory").add_dataframe_asset("frame")
    return asset.add_batch_definition_whole_dataframe("whole")


def _silent(expectation: Expectation, facts: pd.DataFrame) -> bool:
    """Whether an expectation on the extremes of a column has no value at all to speak about."""
    if expectation["type"] not in (SMALLEST, LARGEST):
        return False
    return bool(facts[expectation["kwargs"]["column"]].isna().all())


def _verdict(table: Table, result: Any) -> Verdict:
    failed: set[str] = set()
    for one in result.results:
        rule_id = one.expectation_config.meta["rule"]
        if _raised(one.exception_info):
            # Its message may quote a cell, so it goes no further than this.
            raise ContractError(f"table {table.name}: rule {rule_id} could not be judged")
        if not one.success:
            failed.add(rule_id)
    return Verdict(not failed, tuple(rule.id for rule in table.rules if rule.id in failed))


def _raised(info: dict[str, Any]) -> bool:
    if "raised_exception" in info:
        return bool(info["raised_exception"])
    return any(detail["raised_exception"] for detail in info.values())


def _compiled(table: Table) -> list[Expectation]:
    return [_expectation(rule, table) for rule in table.rules]


def _expectation(rule: Rule, table: Table) -> Expectation:
    compiler = COMPILERS.get(rule.kind)
    if compiler is None:
        fault = f"no expectation is known for a rule of kind {rule.kind}"
        raise ContractError(f"table {table.name}: rule {rule.id}: {fault}")
    name, kwargs = compiler(rule, table)
    return {"type": name, "kwargs": kwargs, "meta": {"rule": rule.id}}


Compiled = tuple[str, dict[str, Any]]


def _type(rule: Rule, table: Table) -> Compiled:
    return SMALLEST, {"column": rule.columns[0] + READABLE, "min_value": 1}


def _required(rule: Rule, table: Table) -> Compiled:
    return "expect_column_values_to_not_be_null", {"column": rule.columns[0] + GIVEN}


def _minimum(rule: Rule, table: Table) -> Compiled:
    return SMALLEST, {"column": rule.columns[0], "min_value": rule.limit}


def _maximum(rule: Rule, table: Table) -> Compiled:
    return LARGEST, {"column": rule.columns[0], "max_value": rule.limit}


def _max_length(rule: Rule, table: Table) -> Compiled:
    kwargs = {"column": rule.columns[0], "max_value": rule.limit}
    return "expect_column_value_lengths_to_be_between", kwargs


def _allowed(rule: Rule, table: Table) -> Compiled:
    values: list[Any] = list(rule.limit) if isinstance(rule.limit, tuple) else []
    if table.column(rule.columns[0]).kind == "integer":
        values = [int(value) for value in values]
    return "expect_column_values_to_be_in_set", {"column": rule.columns[0], "value_set": values}


def _pattern(rule: Rule, table: Table) -> Compiled:
    # \Z, because $ alone would let a line break pass at the end of the cell.
    regex = rf"\A(?:{rule.limit})\Z"
    return "expect_column_values_to_match_regex", {"column": rule.columns[0], "regex": regex}


def _key(rule: Rule, table: Table) -> Compiled:
    if len(rule.columns) == 1:
        return "expect_column_values_to_be_unique", {"column": rule.columns[0]}
    kwargs = {"column_list": list(rule.columns), "ignore_row_if": "any_value_is_missing"}
    return "expect_compound_columns_to_be_unique", kwargs


def _order(rule: Rule, table: Table) -> Compiled:
    smaller, larger = rule.columns
    kwargs = {
        "column_A": larger,
        "column_B": smaller,
        "or_equal": rule.limit == "<=",
        "ignore_row_if": "either_value_is_missing",
    }
    return "expect_column_pair_values_a_to_be_greater_than_b", kwargs


def _kept(rule: Rule, table: Table) -> Compiled:
    return SMALLEST, {"column": rule.id, "min_value": 1}


COMPILERS: dict[RuleKind, Callable[[Rule, Table], Compiled]] = {
    "type": _type,
    "required": _required,
    "minimum": _minimum,
    "maximum": _maximum,
    "max_length": _max_length,
    "allowed": _allowed,
    "pattern": _pattern,
    "key": _key,
    "order": _order,
    **dict.fromkeys(KEEPERS, _kept),
}
