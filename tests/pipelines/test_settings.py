"""The settings: defaults, a file of one's own, the environment, and what is refused."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from pydantic import BaseModel

from models.baseline import Rule
from models.labels import BesideRule, LabelRule
from models.out_of_fold import Folding
from models.split import SplitRule
from models.states import StateRule
from models.training import TrainingConfig
from models.treated import TreatedRule
from pipelines import settings
from pipelines.errors import UsageError
from pipelines.settings import DEFAULT_FILE, leaves, load, read
from serving.alerting.level_rules import LevelLimits


@pytest.fixture
def own(tmp_path: Path):
    """Write a settings file."""

    def write(text: str) -> Path:
        file = tmp_path / "own.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return write


def test_the_defaults_are_those_of_the_label_that_was_decided() -> None:
    label = load().label

    assert (label.loss_share, label.loss_members, label.min_members) == (0.40, 3, 3)
    assert (label.gap_days, label.horizon_days, label.maturity_days) == (10, 90, 70)
    assert label.window_days == 10 + 90
    assert label.embargo_days == 10 + 90 + 70


def test_a_file_changes_what_it_names_and_nothing_else(own) -> None:
    changed = load(own("[label]\nloss_share = 0.3\n"))

    assert changed.label == load().label.model_copy(update={"loss_share": 0.3})
    assert changed.levels == load().levels


def test_the_environment_comes_before_the_file(own, monkeypatch) -> None:
    monkeypatch.setenv("GROUPCHURN_LABEL__LOSS_SHARE", "0.2")

    assert load(own("[label]\nloss_share = 0.3\n")).label.loss_share == 0.2


def test_a_file_may_bring_its_own_rules(own) -> None:
    rules = (
        '[[rules]]\nfeature = "managed"\nat_most = 0\npoints = 1\ntext_zh = "无"\ntext_en = "no"'
    )

    assert [rule.feature for rule in load(own(rules)).rules] == ["managed"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[label]\nlose_share = 0.3\n", "label.lose_share"),
        ("[labels]\nloss_share = 0.3\n", "labels"),
        ("[label]\nloss_share = 40\n", "label.loss_share"),
        ('[label]\ngap_days = "ten"\n', "label.gap_days"),
        ("[levels]\nred = 0.01\n", "levels: Value error, red, orange and yellow must fall"),
        ('[engine]\nmemory_limit = "much"\n', "engine.memory_limit"),
        ("[label\n", "cannot be read"),
        (
            '[[rules]]\nfeature = "managed"\npoints = 1\ntext_zh = "无"\ntext_en = "no"\n',
            "give at_least or at_most",
        ),
    ],
)
def test_what_is_wrong_in_a_file_is_told_with_its_key_and_the_file(own, text, told) -> None:
    with pytest.raises(UsageError, match=re.escape(told)) as refused:
        load(own(text))

    assert "own.toml" in str(refused.value)
    assert refused.value.exit_code == 2


def test_a_missing_file_is_a_usage_error(tmp_path) -> None:
    with pytest.raises(UsageError, match=re.escape("nowhere.toml cannot be read")):
        load(tmp_path / "nowhere.toml")


def test_a_variable_that_names_no_setting_is_an_error(monkeypatch) -> None:
    monkeypatch.setenv("GROUPCHURN_LABEL__LOSE_SHARE", "0.2")

    with pytest.raises(UsageError, match="GROUPCHURN_LABEL__LOSE_SHARE names no setting"):
        load()


def test_a_bad_variable_is_told_by_its_name(monkeypatch) -> None:
    monkeypatch.setenv("GROUPCHURN_LABEL__LOSS_SHARE", "half")

    with pytest.raises(UsageError, match="environment variable GROUPCHURN_LABEL__LOSS_SHARE"):
        load()


def test_the_id_of_the_settings_ignores_the_machine_and_nothing_else(own) -> None:
    assert load(own("[engine]\nthreads = 8\n")).digest == load().digest
    assert load(own("[levels]\nyellow = 0.04\n")).digest != load().digest


def test_every_default_says_its_unit_its_date_and_its_source() -> None:
    lines = DEFAULT_FILE.read_text(encoding="utf-8").splitlines()
    note = re.compile(r"# unit: .+ · since: \d{4}-\d\d-\d\d · source: .+")
    body = lines[: lines.index("[[rules]]")]
    keys = [number for number, line in enumerate(body) if re.match(r"\w+ = ", line)]

    assert [body[number] for number in keys if not note.fullmatch(body[number - 1])] == []
    assert len(keys) == sum(key != "rules" for key, _ in leaves(read(DEFAULT_FILE)))


def test_every_rule_says_since_when_it_holds_and_where_it_is_from() -> None:
    lines = DEFAULT_FILE.read_text(encoding="utf-8").splitlines()
    above = [lines[number - 1] for number, line in enumerate(lines) if line == "[[rules]]"]

    assert above
    assert all(re.fullmatch(r"# since: \d{4}-\d\d-\d\d · source: .+", line) for line in above)


@pytest.mark.parametrize(
    ("section", "target", "given_elsewhere"),
    [
        ("label", LabelRule, {"states"}),
        ("member_label", LabelRule, {"states"}),
        ("states", StateRule, set()),
        ("beside_labels", BesideRule, set()),
        ("treated", TreatedRule, set()),
        ("split", SplitRule, {"embargo_days", "calibration_embargo_days"}),
        ("folds", Folding, set()),
        ("training", TrainingConfig, {"threads"}),
        ("levels", LevelLimits, set()),
        ("rules_levels", LevelLimits, set()),
    ],
)
def test_a_section_has_the_fields_of_what_it_configures(section, target, given_elsewhere) -> None:
    values: BaseModel = getattr(load(), section)

    assert type(values).model_fields.keys() | given_elsewhere == {
        field.name for field in fields(target)
    }


def test_the_default_rules_are_rules_of_known_features() -> None:
    from features.catalog import FEATURES

    rules = [Rule(**rule.model_dump(exclude_none=True)) for rule in load().rules]

    assert {rule.feature for rule in rules} <= FEATURES.keys()


def test_loading_imports_no_heavy_library() -> None:
    heavy = {"pandas", "numpy", "duckdb", "mlflow", "prefect", "lightgbm", "narwhals"}
    script = (
        "import sys\nfrom pipelines.settings import load\nload()\n"
        f"sys.exit(','.join({heavy!r} & sys.modules.keys()) or 0)"
    )

    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_key_is_one_environment_variable() -> None:
    assert settings.variable("label.loss_share") == "GROUPCHURN_LABEL__LOSS_SHARE"
