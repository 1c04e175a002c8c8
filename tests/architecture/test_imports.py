"""Which room may import which: that the checks see what they should, and that the core is light."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("data_contracts", "simulator", "features", "models", "serving", "pipelines")
LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")

PLANTED = {
    "features/known.py": "import models.errors\nimport simulator",
    "models/labels.py": "import prefect\nimport great_expectations",
    "serving/rules.py": "import mlflow\nimport pyspark",
    "simulator/__init__.py": "import features",
}
CONTRACTS = {
    "Imports point one way",
    "The simulator knows the contracts and nothing else",
    "The core cannot know that data are simulated",
    "Great Expectations has one door",
    "Spark has one door",
    "MLflow has one door",
    "Prefect has one door",
}


@pytest.mark.skipif(not LINT_IMPORTS.exists(), reason="import-linter is not installed here")
def test_every_contract_breaks_on_a_planted_import(tmp_path: Path) -> None:
    for package in PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, tmp_path / package, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for file, lines in PLANTED.items():
        with (tmp_path / file).open("a", encoding="utf-8") as source:
            source.write(f"\n{lines}\n")

    told = subprocess.run(
        [LINT_IMPORTS, "--no-cache"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert told.returncode == 1, told.stdout + told.stderr
    verdicts = dict(re.findall(r"^(.+) (KEPT|BROKEN)", told.stdout, re.MULTILINE))
    assert verdicts == dict.fromkeys(CONTRACTS, "BROKEN")


@pytest.mark.parametrize(
    ("modules", "absent"),
    [
        ("data_contracts.contract", {"pandas", "great_expectations", "duckdb"}),
        ("features, features.catalog", {"mlflow", "prefect", "great_expectations", "shap"}),
        ("models", {"mlflow", "prefect", "great_expectations", "shap", "matplotlib"}),
        ("models.registry, models.training", {"mlflow", "lightgbm"}),
        ("pipelines.orchestration, pipelines.console", {"prefect", "pandas", "pydantic"}),
    ],
)
def test_a_light_module_loads_none_of_the_heavy_libraries(modules: str, absent: set[str]) -> None:
    script = f"import sys, {modules}; print(*sorted({absent!r} & sys.modules.keys()))"

    loaded = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert loaded.stdout.split() == []
