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
) -> dict[str, Any]:
    """Make up an operator: its extracts in OUT/landing, what really happened in OUT/truth.

    Args:
        preset: toy, or county_xinxing_2009 (A 22, B 120, C 1,200 groups over 36 months).
        seed: Same preset and seed, same bytes.
        out: Folder for both, which must not exist yet; it appears when the world is complete.
        override: Any parameter of the preset as NAME=VALUE; give it several times for several.

    Example:
        groupchurn simulate --preset toy --seed 7 --out extracts
    """
    if out.exists():
        raise UsageError(f"{out} exists: name a folder that does not, or remove it.")
    return step("simulate", _simulate, preset, seed, out, override or [])


def _simulate(name: str, seed: int, out: Path, overrides: list[str]) -> dict[str, Any]:
    from simulator.preset import assignment, load
    from simulator.world import simulate as simulate_world

    preset = load(name, dict(map(assignment, overrides)))
    draft = out.with_name(f".{out.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    with console.progress("simulate") as tell:
        simulate_world(preset, seed, draft, lambda _, done, total: tell(done, total))
    draft.rename(out)
    return {"preset": name, "seed": seed, "landing": out / "landing", "truth": out / "truth"}
