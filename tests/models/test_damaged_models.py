"""A saved model that was damaged is refused by the name of its file, before LightGBM sees it.

Damaged text can end LightGBM's process or keep it busy for ever, so nothing of the kind may reach
it. Who rewrites trees, sidecar and seal together makes another model, which no checksum can tell
from a good one: against that stands the checksum in the registry's database, see
``test_registry.py`` and ``test_hostile_registry.py``.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pytest

from models.bundle import SIDECAR, TREES, load, save
from models.errors import ModelRefused

Files = dict[str, bytes]
LOOPS = b"tree\nversion=v4\nnum_class=1\n" + b"Tree=0\nnum_leaves=2\nleft_child=0\nright_child=0\n"
"""Trees whose first node is its own child on both sides: a walk through them never ends."""


@pytest.fixture(scope="module")
def saved(model, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    save(model, folder)
    return folder


@pytest.fixture
def booster_calls(monkeypatch) -> list[object]:
    """What LightGBM was asked to read."""
    calls: list[object] = []

    class Counted(lightgbm.Booster):
        def __init__(self, *args: object, **kwargs: object) -> None:
            calls.append((args, kwargs))
            super().__init__(*args, **kwargs)

    monkeypatch.setattr(lightgbm, "Booster", Counted)
    return calls


def cut(content: bytes, rng: np.random.Generator) -> bytes:
    return content[: rng.integers(len(content))]


def cut_out(content: bytes, rng: np.random.Generator) -> bytes:
    start, end = sorted(rng.integers(len(content), size=2))
    return content[:start] + content[end + 1 :]


def flipped(content: bytes, rng: np.random.Generator) -> bytes:
    changed = bytearray(content)
    for place in rng.integers(len(content), size=rng.integers(1, 9)):
        changed[place] ^= 1 << int(rng.integers(8))
    return bytes(changed)


def looped(content: bytes, rng: np.random.Generator) -> bytes:
    start, end = sorted(rng.integers(len(content), size=2))
    return content[:end] + content[start:end] * int(rng.integers(1, 4)) + content[end:] + b"\n"


def zeroed(content: bytes, rng: np.random.Generator) -> bytes:
    start = int(rng.integers(len(content) - 64))
    return content[:start] + bytes(64) + content[start + 64 :]


def huge(content: bytes, rng: np.random.Generator) -> bytes:
    numbers = list(re.finditer(rb"\d+", content))
    one = numbers[int(rng.integers(len(numbers)))]
    return content[: one.start()] + b"9" * int(rng.integers(30, 6000)) + content[one.end() :]


def not_finite(content: bytes, rng: np.random.Generator) -> bytes:
    numbers = list(re.finditer(rb"(?<=[ :\[])-?\d+\.\d+", content)) or [re.search(rb"\d", content)]
    one = numbers[int(rng.integers(len(numbers)))]
    word = [b"NaN", b"Infinity", b"1e999", b"-1e999"][int(rng.integers(4))]
    return content[: one.start()] + word + content[one.end() :]


def shuffled_lines(content: bytes, rng: np.random.Generator) -> bytes:
    lines = content.splitlines(keepends=True)
    first, second = rng.choice(len(lines), size=2, replace=False)
    lines[first], lines[second] = lines[second], lines[first]
    return b"".join(lines)


IN_ONE_FILE = (cut, cut_out, flipped, looped, zeroed, huge, not_finite, shuffled_lines)


def edited(content: dict[str, Any], rng: np.random.Generator) -> None:
    """Change one thing in a sidecar, so that it stays well-formed."""
    edits: list[Callable[[], object]] = [
        lambda: content["calibration"]["y"].__setitem__(0, float(rng.normal())),
        lambda: content["features"].reverse(),
        lambda: content["features"].append("rumours"),
        lambda: content["golden"]["rows"].pop(),
        lambda: content["golden"]["margin"].__setitem__(0, 0.0),
        lambda: content["metadata"].update(origin=f"20{rng.integers(10, 99)}-01-01"),
        lambda: content.update(label="L_other"),
        lambda: content.update(name=["a", "list"]),
        lambda: content.update(features=None),
        lambda: content.update(sha256="0" * 64),
        lambda: content.pop(str(rng.choice([key for key in content if key != "seal"]))),
        lambda: content.update(extra="__import__('os').system('true')"),
    ]
    edits[int(rng.integers(len(edits)))]()


def resealed_trees(sidecar: dict[str, Any], trees: bytes) -> dict[str, Any]:
    """The checksum of the trees made good, the seal over all of it not."""
    return {**sidecar, "sha256": hashlib.sha256(trees).hexdigest()}


def mutations(files: Files, count: int) -> Iterator[tuple[str, Files]]:
    """``count`` damaged copies, each with the name of what was done; the same in every run."""
    rng = np.random.default_rng(20110103)
    for number in range(count):
        kind = number % 12
        sidecar = json.loads(files[SIDECAR])
        damaged = dict(files)
        file = TREES if rng.random() < 0.6 else SIDECAR
        if kind < 8:
            how = IN_ONE_FILE[kind]
            damaged[file] = how(files[file], rng)
            name = f"{how.__name__} {file}"
        elif kind == 8:
            edited(sidecar, rng)
            damaged[SIDECAR] = json.dumps(sidecar).encode()
            name = "edited sidecar"
        elif kind == 9:
            damaged[TREES] = IN_ONE_FILE[int(rng.integers(8))](files[TREES], rng)
            damaged[SIDECAR] = json.dumps(resealed_trees(sidecar, damaged[TREES])).encode()
            name = "damaged trees with their checksum made good"
        elif kind == 10:
            damaged[TREES] = LOOPS * int(rng.integers(1, 50))
            if number % 24 < 12:
                damaged[SIDECAR] = json.dumps(resealed_trees(sidecar, damaged[TREES])).encode()
            name = "trees that loop"
        else:
            nested = [b"[" * 100_000, b'{"a":' * 100_000, b"null", b"[]", b"1", b'"text"', b"\xff"]
            files_swapped = {TREES: files[SIDECAR], SIDECAR: files[TREES]}
            pick = int(rng.integers(len(nested) + 1))
            damaged = files_swapped if pick == len(nested) else {**files, SIDECAR: nested[pick]}
            name = "swapped files" if pick == len(nested) else f"sidecar {nested[pick][:8]!r}"
        if damaged != files:
            yield f"{number} {name}", damaged


def test_no_mutation_of_a_model_reaches_lightgbm(saved, tmp_path, booster_calls):
    files = {name: (saved / name).read_bytes() for name in (TREES, SIDECAR)}
    folder = tmp_path / "damaged"
    folder.mkdir()
    tried, let_in, slowest = 0, [], 0.0
    for what, damaged in mutations(files, 520):
        for name, content in damaged.items():
            (folder / name).write_bytes(content)
        start = time.perf_counter()
        try:
            load(folder)
        except ModelRefused as refused:
            if not re.search(rf"{re.escape(str(folder))}/model\.(txt|json): ", str(refused)):
                let_in.append(f"{what}: no file is named: {refused}")
        except BaseException as other:  # a crash is what this looks for
            let_in.append(f"{what}: {type(other).__name__}: {other}")
        else:
            let_in.append(f"{what}: loaded")
        slowest = max(slowest, time.perf_counter() - start)
        tried += 1

    assert not let_in, "\n".join(let_in)
    assert booster_calls == []
    assert tried >= 500
    assert slowest < 1


def test_the_untouched_model_does_reach_lightgbm(saved, booster_calls):
    """Else the test above would prove nothing."""
    load(saved)

    assert len(booster_calls) == 1


def test_files_of_two_models_do_not_make_a_third(model, saved, tmp_path, booster_calls):
    other = shutil.copytree(saved, tmp_path / "other")
    trees = (other / TREES).read_bytes().replace(b"[learning_rate: 0.1]", b"[learning_rate: 0.2]")
    (other / TREES).write_bytes(trees.replace(b"feature_infos", b"feature_infos ", 1))

    with pytest.raises(ModelRefused, match=r"model\.txt: its checksum"):
        load(other)
    assert booster_calls == []


@pytest.mark.parametrize("file", [TREES, SIDECAR])
def test_a_folder_in_the_place_of_a_file_is_refused(saved, tmp_path, file, booster_calls):
    folder = shutil.copytree(saved, tmp_path / "odd")
    (folder / file).unlink()
    (folder / file).mkdir()

    with pytest.raises(ModelRefused, match=f"{file}: it cannot be read"):
        load(folder)
    assert booster_calls == []
