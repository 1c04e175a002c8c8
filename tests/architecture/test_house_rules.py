"""Rules of the house that hold for every file."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("data_contracts", "simulator", "features", "models", "serving", "pipelines")
WRITTEN_BY_HAND = (*PACKAGES, "tests", "benchmarks", "notebooks", "docs", ".ci")
RUNS_CODE_WHEN_LOADED = {"pickle", "joblib", "cloudpickle", "dill", "shelve", "marshal"}
MOST_LINES = 300


def _python_files(*folders: str) -> list[Path]:
    return sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py"))


def _texts() -> Iterator[tuple[Path, str]]:
    files = [file for folder in WRITTEN_BY_HAND for file in (ROOT / folder).rglob("*")]
    for file in sorted([*files, *ROOT.glob("*"), ROOT / ".gitignore"]):
        if file.is_file() and "__pycache__" not in file.parts:
            try:
                yield file, file.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue  # no text


def _imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_nothing_is_imported_that_runs_code_when_it_loads_data() -> None:
    found = [
        f"{file.relative_to(ROOT)}: {name}"
        for file in _python_files(*PACKAGES, "tests", "benchmarks")
        for name in _imports(file)
        if name.partition(".")[0] in RUNS_CODE_WHEN_LOADED
    ]

    assert found == []


def test_no_file_names_a_package_index() -> None:
    index = re.compile("|".join(["index" + "-url", "find" + "-links", "pypi" + r"\.org"]))

    assert [str(file.relative_to(ROOT)) for file, text in _texts() if index.search(text)] == []


def test_no_file_names_a_path_of_one_machine() -> None:
    places = [f"{ROOT}/", f"{ROOT.parent}/", f"{Path.home()}/"]

    found = [
        f"{file.relative_to(ROOT)}: {place}"
        for file, text in _texts()
        for place in places
        if place != "//" and place in text
    ]

    assert found == []


def test_every_file_is_short_enough_to_read() -> None:
    lengths = {
        str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines())
        for file in _python_files(*PACKAGES, "tests", "benchmarks")
    }

    assert {file: lines for file, lines in lengths.items() if lines > MOST_LINES} == {}


def test_tests_are_files_of_their_own_name_and_no_package() -> None:
    names = Counter(file.name for file in _python_files("tests") if file.name != "conftest.py")

    assert names["__init__.py"] == 0
    assert [name for name, count in names.items() if count > 1] == []


def test_our_packages_come_from_our_distribution_alone() -> None:
    try:
        distribution("groupchurn")
    except PackageNotFoundError:
        pytest.skip("groupchurn is not installed here: make does it")
    owners = packages_distributions()

    # An editable install lists no files: then a package has no owner, but never another one.
    assert {owner for name in PACKAGES for owner in owners.get(name, [])} <= {"groupchurn"}
