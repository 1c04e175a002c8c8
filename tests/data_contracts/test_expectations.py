"""The Great Expectations half: every rule compiles, and no cell leaves with the result."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import great_expectations as gx
import pandas as pd
import pytest

from data_contracts.contract import ContractError, Rule, Table, published_tables, source_tables
from data_contracts.expectations import suite, validate

TABLES = [*source_tables().values(), *published_tables().values()]
CANARY = "13800138000"


def score(**changes: object) -> dict[str, object]:
    row: dict[str, object] = {
        "batch_id": "b1", "as_of": "2009-01-13", "user_id": "u1", "group_id": None,
        "margin": -1.5, "probability": 0.1, "rank": 1, "method": "model",
    }  # fmt: skip
    return {**row, **changes}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_rule_becomes_an_expectation(table: Table) -> None:
    compiled = [expectation.meta["rule"] for expectation in suite(table).expectations]
    assert compiled == [rule.id for rule in table.rules]


def test_a_rule_that_cannot_be_compiled_stops_everything(toy: Table) -> None:
    strange = Rule("toy.mood.cheerful", "cheerful", ("note",), None, "Be cheerful.")  # type: ignore[arg-type]
    with pytest.raises(ContractError, match=r"toy\.mood\.cheerful: no expectation is known"):
        suite(replace(toy, rules=(*toy.rules, strange)))


def test_typed_rows_that_keep_the_contract_pass() -> None:
    frame = pd.DataFrame([score(), score(user_id="u2", rank=2)])
    frame["as_of"] = pd.to_datetime(frame["as_of"]).astype("datetime64[us]")
    assert validate(published_tables()["member_score"], frame).success


def test_each_broken_rule_is_named() -> None:
    frame = pd.DataFrame([score(probability=1.5), score(method="guess")])
    verdict = validate(published_tables()["member_score"], frame)
    assert not verdict.success
    assert verdict.failed == (
        "member_score.probability.maximum",
        "member_score.method.allowed",
        "member_score.key",
    )


def test_a_missing_column_is_named() -> None:
    frame = pd.DataFrame([score()]).drop(columns="rank")
    with pytest.raises(ContractError, match="table member_score: column rank is missing"):
        validate(published_tables()["member_score"], frame)


def test_no_rows_break_no_rules() -> None:
    assert validate(published_tables()["member_score"], pd.DataFrame([score()]).head(0)).success


def test_no_cell_stands_in_a_result(
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    seen: list[str] = []
    judge = gx.datasource.fluent.interfaces.Batch.validate

    def listen(self: Any, *arguments: Any, **options: Any) -> Any:
        result = judge(self, *arguments, **options)
        seen.append(str(result.to_json_dict()))
        return result

    monkeypatch.setattr(gx.datasource.fluent.interfaces.Batch, "validate", listen)
    frame = pd.DataFrame([score(method=CANARY, rank=CANARY + "x", group_id="+" + CANARY)])
    verdict = validate(published_tables()["member_score"], frame)

    assert len(verdict.failed) == 3  # allowed, type and pattern
    out, err = capfd.readouterr()
    for told in (*seen, str(verdict), out, err, caplog.text):
        assert CANARY not in told
    assert len(seen) == 1
