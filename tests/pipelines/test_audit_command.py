"""The audit as a command: findings in words, as JSON, and in the exit code."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import pytest
from typer.testing import CliRunner

import features.audit
from features.audit import Audited, Finding
from pipelines import audit as command, cli, settings
from pipelines.audit import audit_features
from pipelines.errors import DONE, GATE_REFUSED
from pipelines.landed import landed
from pipelines.storage import Home
from pipelines.workplace import Workplace

DAY = date(2010, 7, 3)
LOOKED_AT = {"groups": 50, "members": 1200}
LEAK = Finding("later rows", "usage_month", "mou_in", "it changes when rows are deleted", 3)


@dataclass(frozen=True)
class Landed(Workplace):
    """A workplace that reads extracts as they landed."""

    landing: Path

    @cached_property
    def tables(self):
        return landed(self.landing, threads=2)


@pytest.fixture
def place(small_world, tmp_path, monkeypatch):
    made = Landed(Home(tmp_path), settings.load(None), small_world / "landing")
    monkeypatch.setattr(command, "open_workplace", lambda home, config: made)
    return made


@pytest.fixture
def finds(place, monkeypatch):
    """Let the audit find what the test says, and tell what it was called with."""

    def found(*findings):
        called = {}

        def audit(tables, days, **options):
            called.update(options, days=days)
            return Audited(findings, {"managed": "always 1"}, LOOKED_AT)

        monkeypatch.setattr(features.audit, "audit", audit)
        return called

    return found


def run(*options):
    return CliRunner().invoke(
        cli.application(), ["features", "audit", "--as-of", str(DAY), "--without-labels", *options]
    )


def test_a_clean_catalogue_ends_with_0_and_says_how_much_was_looked_at(finds):
    finds()
    result = run()

    assert result.exit_code == DONE
    assert result.stdout.strip() == "No leak found. Looked at 50 groups, 1,200 members."


def test_a_leak_is_named_and_ends_with_3(finds):
    finds(LEAK)
    result = run()

    assert result.exit_code == GATE_REFUSED
    for word in ("later rows", "usage_month", "mou_in", "1 feature may know too much"):
        assert word in result.stdout


def test_the_findings_are_a_list_for_programs(finds):
    finds(LEAK)

    assert json.loads(run("--json").stdout) == [
        {
            "probe": "later rows",
            "source": "usage_month",
            "feature": "mou_in",
            "seen": "it changes when rows are deleted",
            "rows": 3,
        }
    ]


def test_what_could_not_be_judged_is_said_on_standard_error(finds):
    finds()

    assert "not judged, always 1: managed" in run().stderr


def test_later_rows_are_tried_on_a_day_whose_label_has_matured(finds):
    called = finds()
    run()

    assert called["days"][-1] == DAY
    assert len(called["days"]) == 2
    assert (DAY - called["days"][0]).days > 90


@pytest.mark.slow
def test_the_small_world_is_audited_with_its_labels(place):
    found = audit_features(as_of=DAY, groups=10)

    assert found.exit_code == DONE, found
