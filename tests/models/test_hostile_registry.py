"""Whatever lies in the artifact folder of a registered model, none of it runs when we load it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import lightgbm
import numpy as np
import pytest

from models import bundle
from models.errors import ModelRefused
from models.registry import Registry

NAME = "group_transfer"


def marking(marker: Path) -> str:
    return f"open({str(marker)!r}, 'a').write('ran')"


def pickle_that_runs(code: str) -> bytes:
    """A pickle by hand, of protocol 0: when it is read it calls ``exec`` with the code."""
    return b"cbuiltins\nexec\n(V" + code.encode() + b"\ntR."


def plant(folder: Path, marker: Path) -> None:
    """Everything that a loader of MLflow's, or a careless one, might run."""
    code, sealed = marking(marker), folder / "extra_files"
    evil = pickle_that_runs(code)
    (folder / "code").mkdir(exist_ok=True)
    (folder / "code" / "evil_loader.py").write_text(
        f"{code}\n\ndef _load_pyfunc(path):\n    {code}\n    return None\n"
    )
    (folder / "MLmodel").write_text(
        "flavors:\n"
        "  python_function:\n"
        "    loader_module: evil_loader\n"
        "    code: code\n"
        "    python_model: python_model.pkl\n"
        "    cloudpickle_version: 3.0.0\n"
        f"    python_version: {sys.version.split()[0]}\n"
        "  lightgbm:\n"
        "    data: model.pkl\n"
        "    code: code\n"
        "    model_class: evil_loader.Evil\n"
    )
    for name in ("model.pkl", "python_model.pkl", "model.lgb"):
        (folder / name).write_bytes(evil)
    for name in ("model.pkl", "model.txt.pkl", "golden.joblib", "MLmodel"):
        (sealed / name).write_bytes(evil)
    for name in ("sitecustomize.py", "conftest.py", "lightgbm.py", "__init__.py"):
        (sealed / name).write_text(code)
    (folder / "requirements.txt").write_text("evil @ file:///nowhere\n")


@pytest.fixture(scope="module")
def filled(model, tmp_path_factory) -> Registry:
    """Two versions of a model, both once champion, the second one now."""
    folder = tmp_path_factory.mktemp("registry")
    made = Registry(f"sqlite:///{folder}/mlflow.db", folder / "artifacts")
    for number in (1, 2):
        one = replace(model, metadata={**model.metadata, "number": number})
        made.log(one, experiment="e", params={}, metrics={}, tags={"as_of": "2011-01-03"})
        made.set_alias(NAME, "champion", number)
    return made


@pytest.fixture
def registry(filled, tmp_path) -> Iterator[Registry]:
    """The same, its artifact folder put back afterwards."""
    kept = shutil.copytree(filled.artifact_root, tmp_path / "kept")
    yield filled
    shutil.rmtree(filled.artifact_root)
    shutil.copytree(kept, filled.artifact_root)
    filled.set_alias(NAME, "champion", 2)


@pytest.fixture
def folders(registry) -> list[Path]:
    """The artifact folders of the registered models."""
    found = [path.parent for path in registry.artifact_root.rglob("MLmodel")]
    assert len(found) == 2
    return found


def test_nothing_that_is_planted_runs_and_the_model_comes_back_as_it_was(
    model, later_rows, registry, folders, tmp_path
):
    marker, victim = tmp_path / "marker", tmp_path / "victim"
    victim.write_text("untouched")
    for folder in folders:
        plant(folder, marker)
        for place in (folder, folder / "extra_files"):
            (place / "registered_model_meta").symlink_to(victim)  # MLflow writes one when it loads

    expected = model.margin(later_rows.features)
    for way in ("champion", "1", "2", 1, 2):
        back = registry.load(NAME, way)
        np.testing.assert_array_equal(back.margin(later_rows.features), expected)
    registry.set_alias(NAME, "challenger", 1)
    np.testing.assert_array_equal(
        registry.load(NAME, "challenger").margin(later_rows.features), expected
    )
    assert registry.rollback(NAME) == (2, 1)
    assert registry.load(NAME, "champion").metadata["number"] == 1

    assert not marker.exists()
    assert victim.read_text() == "untouched"
    assert "evil_loader" not in sys.modules


@pytest.mark.slow
def test_the_trap_is_live(folders, tmp_path):
    """Else the test above would prove nothing: MLflow's own loader walks into it."""
    marker = tmp_path / "marker"
    plant(folders[0], marker)
    script = f"import mlflow; mlflow.pyfunc.load_model({str(folders[0])!r})"

    subprocess.run([sys.executable, "-c", script], capture_output=True, env={**os.environ})

    assert marker.read_text().startswith("ran")


@pytest.mark.parametrize("file", [bundle.TREES, bundle.SIDECAR])
def test_a_pickle_in_the_place_of_a_sealed_file_is_refused(registry, folders, tmp_path, file):
    marker = tmp_path / "marker"
    for folder in folders:
        (folder / "extra_files" / file).write_bytes(pickle_that_runs(marking(marker)))

    for way in ("champion", 1, 2):
        with pytest.raises(ModelRefused, match=file):
            registry.load(NAME, way)
    assert not marker.exists()


def test_another_model_however_well_sealed_does_not_take_a_models_place(
    registry, folders, monkeypatch
):
    """Who can write to the artifact folder, but not to the database, is found out."""
    called: list[object] = []
    monkeypatch.setattr(lightgbm, "Booster", lambda **given: called.append(given))
    for folder in folders:
        sidecar = folder / "extra_files" / bundle.SIDECAR
        content = json.loads(sidecar.read_bytes())
        content.pop("seal")
        content["metadata"]["origin"] = "forged"
        seal = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
        forged = {**content, "seal": seal}
        text = json.dumps(forged, indent=1, sort_keys=True, ensure_ascii=False)
        sidecar.write_text(text + "\n", encoding="utf-8")

    with pytest.raises(ModelRefused, match=r"model\.json: its checksum is not the .* version 2"):
        registry.load(NAME, "champion")
    assert called == []


def test_the_files_of_another_version_do_not_take_a_versions_place(registry, folders):
    first, second = (folder / "extra_files" for folder in folders)
    first.rename(first.with_name("away"))
    first.symlink_to(second)
    loaded, refused = 0, 0
    for version in (1, 2):
        try:
            registry.load(NAME, version)
            loaded += 1
        except ModelRefused:
            refused += 1

    assert (loaded, refused) == (1, 1)
