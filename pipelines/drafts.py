"""Scores between scoring and publishing: one folder a day, replaced as a whole."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd

from pipelines.errors import UsageError
from pipelines.storage import atomic_write
from pipelines.workplace import Workplace


@dataclass(frozen=True)
class Maker:
    """Who made the scores: a registered model, or the rules."""

    method: str
    name: str
    version: str
    run_id: str | None
    label_version: str
    data_version: str
    config_hash: str


@dataclass(frozen=True)
class Draft:
    """Scores of one day: ``groups`` with the ``features`` they were made from, ``members``.

    ``not_scored`` says of each group that was left out why.
    """

    maker: Maker
    frames: dict[str, pd.DataFrame]
    not_scored: dict[str, str] = field(default_factory=dict)


def write_draft(place: Workplace, as_of: date, draft: Draft) -> None:
    """Keep a draft; the description is written last, so that half a draft is none."""
    folder = _folder(place, as_of)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, frame in draft.frames.items():
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    description = {
        "maker": asdict(draft.maker),
        "frames": sorted(draft.frames),
        "not_scored": draft.not_scored,
    }
    atomic_write(folder / "draft.json", json.dumps(description, indent=1).encode())


def read_draft(place: Workplace, as_of: date) -> Draft:
    """The draft of a day.

    Raises:
        UsageError: The day has not been scored.
    """
    folder = _folder(place, as_of)
    try:
        description = json.loads((folder / "draft.json").read_text())
    except FileNotFoundError as error:
        raise UsageError(
            f"There are no scores of {as_of}: run `groupchurn score --as-of {as_of}` first."
        ) from error
    frames = {name: _read(folder / f"{name}.parquet") for name in description["frames"]}
    return Draft(Maker(**description["maker"]), frames, description["not_scored"])


def _folder(place: Workplace, as_of: date) -> Path:
    return place.home.work / "scores" / as_of.isoformat()


def _read(file: Path) -> pd.DataFrame:
    frame = pd.read_parquet(file)
    return frame.assign(as_of=pd.to_datetime(frame["as_of"]).dt.date)
