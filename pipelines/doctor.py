"""Is everything here that is needed? One line a check, with what to do where it is not."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from pipelines import settings
from pipelines.commands import DEFAULT_HOME
from pipelines.errors import DONE, FAILED, GroupchurnError
from pipelines.storage import Home, Warehouse
from serving.errors import ServingError
from serving.store import PublishedStore

_LOCK = Path(__file__).parents[1] / "requirements.lock"
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)
_LOCKED_FOR = (3, 11)
_SHOWN = 5


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    check: str
    state: Literal["OK", "WARN", "FAIL"]
    text: str


@dataclass(frozen=True)
class Diagnosis:
    """All checks; the exit code is 1 if one of them failed."""

    checks: tuple[Check, ...]

    @property
    def exit_code(self) -> int:
        """What the command ends with."""
        return FAILED if any(check.state == "FAIL" for check in self.checks) else DONE


def doctor(home: Path = DEFAULT_HOME, config: Path | None = None) -> Diagnosis:
    """Check the machine, the installation, the settings, the data, the models and the lists.

    Each line says OK, WARN or FAIL and what to do; one FAIL makes the exit code 1.

    Example:
        groupchurn doctor
    """
    place = Home(home)
    checks = (_python(), _openmp(), _packages(), *_settings(home, config), _writable(home))
    return Diagnosis((*checks, _data(place), _models(place), _lists(place)))


def _python() -> Check:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] != _LOCKED_FOR:
        return Check("python", "WARN", f"{found}; the locked packages were tested on 3.11")
    return Check("python", "OK", found)


def _openmp() -> Check:
    """LightGBM loads the system's OpenMP library."""
    if sys.platform != "linux":
        return Check("libgomp", "OK", "not needed on this system")
    try:
        ctypes.CDLL("libgomp.so.1")
    except OSError:
        remedy = "install it: apt-get install libgomp1 (Debian, Ubuntu), dnf install libgomp"
        return Check("libgomp", "FAIL", f"LightGBM needs libgomp.so.1; {remedy}")
    return Check("libgomp", "OK", "libgomp.so.1 loads")


def _packages() -> Check:
    if not _LOCK.exists():
        return Check("packages", "WARN", f"no {_LOCK.name} beside the program to compare with")
    pinned = _PINNED.findall(_LOCK.read_text(encoding="utf-8"))
    other = [
        f"{name} {_installed(name)}, not {pin}" for name, pin in pinned if pin != _installed(name)
    ]
    if other:
        shown = "; ".join(other[:_SHOWN]) + (
            f" and {len(other) - _SHOWN} more" if other[_SHOWN:] else ""
        )
        return Check("packages", "FAIL", f"{shown}; remove .venv and run make again")
    return Check("packages", "OK", f"{len(pinned)} installed as locked")


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def _settings(home: Path, config: Path | None) -> Iterator[Check]:
    try:
        holding = settings.load(config)
    except GroupchurnError as error:
        yield Check("settings", "FAIL", str(error))
        return
    yield Check("settings", "OK", f"digest {holding.digest[:12]}")
    free = shutil.disk_usage(_existing(home)).free / 1e9
    if free < holding.engine.min_free_gb:
        yield Check("disk", "WARN", f"{free:.1f} GB free; make room or choose another --home")
    else:
        yield Check("disk", "OK", f"{free:.0f} GB free")


def _writable(home: Path) -> Check:
    folder = _existing(home)
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        return Check("home", "FAIL", f"{folder} cannot be written; choose another --home")
    return Check("home", "OK", f"{home.absolute()}{'' if folder == home else ', to be made'}")


def _data(home: Home) -> Check:
    try:
        newest = Warehouse(home).freshness
    except GroupchurnError as error:
        return Check("data", "FAIL", str(error))
    if not newest:
        return Check("data", "WARN", "nothing is stored; run groupchurn ingest DIR")
    oldest_table = min(newest, key=lambda table: newest[table])
    return Check(
        "data",
        "OK",
        f"{len(newest)} tables, newest rows of {_day(max(newest.values()))}; "
        f"{oldest_table} only of {_day(newest[oldest_table])}",
    )


def _models(home: Home) -> Check:
    if not home.mlflow.exists():
        return Check("models", "WARN", "none yet; run groupchurn train --as-of DAY")
    try:
        with closing(sqlite3.connect(f"{home.mlflow.absolute().as_uri()}?mode=ro", uri=True)) as db:
            [count] = db.execute("SELECT count(*) FROM model_versions").fetchone()
    except sqlite3.Error as error:
        return Check("models", "FAIL", f"{home.mlflow} cannot be read ({error}); restore a backup")
    return Check("models", "OK", f"{count} registered versions")


def _lists(home: Home) -> Check:
    store = PublishedStore(home.published)
    try:
        if not store.pointer()["by_as_of"]:
            return Check("lists", "WARN", "none yet; run groupchurn run --as-of DAY")
        newest = store.current()
    except ServingError as error:
        return Check("lists", "FAIL", str(error))
    return Check("lists", "OK", f"the newest is of {newest.as_of}, batch {newest.batch_id}")


def _existing(folder: Path) -> Path:
    """The folder itself or, before it is made, the nearest one above it that exists."""
    return next(place for place in (folder, *folder.absolute().parents) if place.exists())


def _day(moment: date) -> str:
    return f"{moment:%Y-%m-%d}"
