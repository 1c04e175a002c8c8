"""A contract file is read whole or refused, with the file and the field in the message."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_contracts.contract import ContractError, Table, load

FAULTS = {
    "a field the standard does not know": ("status: active", "colour: red", "colour"),
    "a field of a column the standard does not know": (
        "classification: internal, description: A column.",
        "clasification: internal, description: A column.",
        "clasification",
    ),
    "a field we have no use for": ("required: true", "unique: true, required: true", "unique"),
    "a field that stands twice": ("status: active", "status: active\nstatus: active", "twice"),
    "a custom property we do not know": ("property: code", "property: kode", "kode"),
    "an option without meaning": ("maxLength: 3", "maxLength: 3, format: email", "format"),
    "an option of another kind": ("{maxLength: 3}", "{minimum: 3}", "place.logicalTypeOptions"),
    "a kind we do not have": ("logicalType: boolean", "logicalType: time", "flag.logicalType"),
    "an unknown rule": ("rule: order", "rule: ordered", "implementation.rule"),
    "a rule with a surplus field": ("strict: true", "strict: true, slack: 1", "slack"),
    "a rule with a missing field": (", tolerance: 1", "", "tolerance"),
    "a rule on an unknown column": ("parts: [part_a,", "parts: [part_x,", "part_x"),
    "a rule on columns of two kinds": (
        "[valid_from, valid_to], strict",
        "[tier, term], strict",
        "",
    ),
    "a rule of another engine": ("engine: groupchurn", "engine: soda", "quality[0]"),
    "a rule without a sentence": ("It must end after it starts.", "Ends", "quality[0]"),
    "a truth value among words": ("validValues: [A, B]", "validValues: [A, no]", "validValues"),
    "a pattern the engines read differently": ("[a-z][0-9]{1,3}", r"\d{1,3}", "pattern"),
    "a pattern without an end": ("{1,3}$", "{1,3}", "pattern"),
    "a gap in the key": ("primaryKeyPosition: 2", "primaryKeyPosition: 7", "primaryKeyPosition"),
    "an unknown classification": (
        "classification: internal",
        "classification: 5",
        "classification",
    ),
    "an unknown period": ("grain, value: interval", "grain, value: month", "period"),
    "a deadline in words": ("value: 3, unit: d", "value: soon, unit: d", "latency"),
    "another version of the standard": ("v3.1.0", "v2.2.0", "apiVersion"),
    "two tables of the same name": ("- name: toy", "- name: other", "schema.name"),
}


def test_a_contract_becomes_a_table(toy: Table) -> None:
    assert (toy.code, toy.name, toy.grain, toy.deadline_days) == ("T99", "toy", "interval", 3)
    assert toy.key == ("member", "place", "valid_from")
    assert toy.interval == ("valid_from", "valid_to")
    assert toy.column("term").allowed == ("6", "12")
    assert toy.column("minutes").maximum == 100
    assert toy.rule("toy.minutes.minimum").text == "minutes must be at least 0."
    assert toy.rule("toy.halves.sum_at_most").columns == ("part_a", "part_b", "minutes")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_contract_with_a_fault_is_refused(fault: str, toy_text: str, tmp_path: Path) -> None:
    right, wrong, named = FAULTS[fault]
    assert right in toy_text
    path = tmp_path / "toy.odcs.yaml"
    path.write_text(toy_text.replace(right, wrong, 1), encoding="utf-8")

    with pytest.raises(ContractError) as refused:
        load(path)

    assert str(refused.value).startswith("toy.odcs.yaml: ")
    assert named in str(refused.value)


def test_asking_for_a_column_that_is_not_there_names_those_that_are(toy: Table) -> None:
    with pytest.raises(ContractError, match="table toy has no column 'tear'; it has member"):
        toy.column("tear")
