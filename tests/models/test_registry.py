import os
import sqlite3
import subprocess
import sys

import numpy as np
import pytest

from models.errors import ModelRefused, RegistryError
from models.evaluation import Estimate
from models.registry import Registry, Version


def test_a_model_goes_in_and_comes_back_by_its_alias(model, later_rows, tmp_path, capfd):
    registry = Registry(f"sqlite:///{tmp_path}/mlflow.db", tmp_path / "artifacts")
    plot = tmp_path / "lift.png"
    plot.write_bytes(b"a picture")

    first, second = (
        registry.log(
            model,
            experiment="group transfer",
            params={"rounds": 20},
            metrics={"auc": Estimate(0.8, 0.7, 0.9), "lift_at_10pct": Estimate(*[np.nan] * 3)},
            tags={"as_of": "2011-01-03"},
            files=[plot],
        )
        for _ in range(2)
    )
    registry.set_alias(model.name, "champion", first.version)

    assert (first.version, second.version) == (1, 2)
    sealed = {registry.versions(model.name)[0].tags["sidecar_sha256"]}
    tags = {"as_of": "2011-01-03", "sidecar_sha256": sealed.pop()}
    assert registry.versions(model.name) == (
        Version(model.name, 2, second.run_id, (), tags),
        Version(model.name, 1, first.run_id, ("champion",), tags),
    )
    assert registry.figures(first.run_id) == {"auc": 0.8, "auc_low": 0.7, "auc_high": 0.9}
    for wanted in ("champion", "1", 1):
        back = registry.load(model.name, wanted)
        np.testing.assert_array_equal(
            back.margin(later_rows.features), model.margin(later_rows.features)
        )
    assert _metrics(tmp_path / "mlflow.db", first.run_id) == {
        "auc": 0.8,
        "auc_low": 0.7,
        "auc_high": 0.9,
    }
    assert len(list((tmp_path / "artifacts").rglob("lift.png"))) == 2
    assert not list((tmp_path / "artifacts").rglob("*.pkl"))

    with pytest.raises(RegistryError, match=r"'challenger'; known are 2, 1 \(champion\)"):
        registry.load(model.name, "challenger")
    with pytest.raises(RegistryError, match=r"member_churn has no version.*train one first"):
        registry.set_alias("member_churn", "champion", 1)

    for trees in (tmp_path / "artifacts").rglob("model.txt"):
        trees.write_bytes(trees.read_bytes().replace(b"tree", b"tree ", 1))
    with pytest.raises(ModelRefused, match=r"artifacts.*model\.txt: its checksum"):
        registry.load(model.name, "champion")

    (tmp_path / "artifacts").rename(tmp_path / "elsewhere")
    with pytest.raises(RegistryError, match="version 2 cannot be read"):
        registry.load(model.name, 2)

    assert os.environ["MLFLOW_ALLOW_PICKLE_DESERIALIZATION"] == "false"
    assert capfd.readouterr() == ("", "")


def _metrics(database, run_id):
    with sqlite3.connect(database) as connection:
        rows = connection.execute("SELECT key, value FROM metrics WHERE run_uuid = ?", (run_id,))
        return dict(rows.fetchall())


def test_the_switches_have_the_names_that_mlflow_knows():
    from mlflow import environment_variables as known

    for name in (
        "MLFLOW_DISABLE_TELEMETRY",
        "MLFLOW_ALLOW_PICKLE_DESERIALIZATION",
        "MLFLOW_LOG_UV_FILES",
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR",
    ):
        assert hasattr(known, name)


def test_importing_models_imports_nothing_heavy():
    modules = (
        "baseline bundle calibration evaluation explanation fitting out_of_fold plots registry"
    )
    script = (
        f"import sys\nfor name in '{modules}'.split(): __import__('models.' + name)\n"
        "print([n for n in ('mlflow', 'lightgbm', 'sklearn', 'shap', 'matplotlib')"
        " if n in sys.modules])"
    )

    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert answer.stdout.strip() == "[]"
