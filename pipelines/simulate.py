"""Simulate: an operator's extracts that obey the contracts, and apart from them the truth."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from pipelines import console
from pipelines.errors import UsageError
from pipelines.orchestration import step


def simulate(
    preset: str = "county_xinxing_2009",
    seed: int = 1,
    out: Path = Path("extracts"),
    override: list[str] | None = None,
    counties: str | None = None,
    workers: int = 2,
    flaws: bool = False,
    sheet: bool = False,
) -> dict[str, Any]:
    """Make up an operator: its extracts in OUT/landing, what really happened in OUT/truth.

    OUT/directory.csv has made-up names and numbers behind the tokens, for `publish --directory`.

    Args:
        preset: toy, county_xinxing_2009 (A 22, B 120, C 1,200 groups over 36 months), city_2009
            (eight counties), province (fifteen cities), mnp_2019 (number portability), or a file.
        seed: Same preset and seed, same bytes.
        out: Folder for both, which must not exist yet; it appears when the world is complete.
        override: Any parameter of the preset as NAME=VALUE; give it several times for several.
        counties: Only these of a preset that has several, counted from 0, such as 0-7 or 0,3.
        workers: Processes that share the counties; they do not change a byte.
        flaws: Plant missing, duplicated, late and malformed rows in the delivery, and list them
            in OUT/truth/flaws.parquet.
        sheet: Write OUT/sheet.html too, one page that shows the world to somebody who knows the
            trade: the documents' figures beside the simulated ones, and what happened.

    Example:
        groupchurn simulate --preset toy --seed 7 --out extracts --sheet
    """
    if out.exists():
        raise UsageError(f"{out} exists: name a folder that does not, or remove it.")
    return step(
        "simulate", _simulate, preset, seed, out, override or [], counties, workers, flaws, sheet
    )


def _simulate(
    name: str,
    seed: int,
    out: Path,
    overrides: list[str],
    counties: str | None,
    workers: int,
    flaws: bool,
    sheet: bool,
) -> dict[str, Any]:
    from simulator.directory import write_directory
    from simulator.preset import assignment, load
    from simulator.world import simulate as simulate_world

    preset = load(name, dict(map(assignment, overrides)))
    draft = out.with_name(f".{out.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    with console.progress("simulate") as tell:
        simulate_world(
            preset,
            seed,
            draft,
            lambda _, done, total: tell(done, total),
            counties=_numbers(counties),
            workers=workers,
            flaws=flaws,
        )
    write_directory(draft / "landing", draft / "directory.csv")
    made = {
        "landing": out / "landing",
        "truth": out / "truth",
        "directory": out / "directory.csv",
    }
    if sheet:
        from simulator.sheet.page import world_sheet

        (draft / "sheet.html").write_text(world_sheet(draft), encoding="utf-8")
        made["sheet"] = out / "sheet.html"
    draft.rename(out)
    return {"preset": name, "seed": seed, **made}


def _numbers(text: str | None) -> list[int] | None:
    """Counties from a text such as 0-7 or 0,3."""
    if text is None:
        return None
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        if not first.strip().isdigit() or not (last or "0").strip().isdigit():
            raise UsageError(f"--counties {text}: give numbers such as 0-7 or 0,3.")
        found += range(int(first), int(last or first) + 1)
    if not found:
        raise UsageError(f"--counties {text} names none: give numbers such as 0-7 or 0,3.")
    return found
