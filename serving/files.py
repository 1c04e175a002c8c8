"""Put files and folders where readers look, whole or not at all, surviving a power loss."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

UNFINISHED = ".unfinished-"


def put_folder(files: Mapping[str, bytes], folder: Path) -> None:
    """Make ``folder`` with these files in it; a reader never sees it half filled."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = folder.with_name(f"{UNFINISHED}{secrets.token_hex(8)}")
    staging.mkdir()
    for name, content in files.items():
        _write(staging / name, content)
    _sync_folder(staging)
    staging.rename(folder)
    _sync_folder(folder.parent)


def put_file(content: bytes, path: Path) -> None:
    """Write ``path``; a reader sees the old content or the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{UNFINISHED}{secrets.token_hex(8)}")
    _write(draft, content)
    draft.replace(path)
    _sync_folder(path.parent)


def sweep(folder: Path) -> None:
    """Delete what an interrupted writer left in ``folder``; call it under ``only_writer``."""
    for leftover in folder.glob(f"{UNFINISHED}*"):
        if leftover.is_dir():
            shutil.rmtree(leftover)
        else:
            leftover.unlink()


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Wait until no other process writes to ``folder``; the lock ends with its process."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
