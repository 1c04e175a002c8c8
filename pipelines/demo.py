"""Demo: all steps on a simulated county, from nothing to a risk list."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import simulator
from pipelines.ingest import ingest
from pipelines.results import Demonstrated
from pipelines.run import run
from pipelines.simulate import simulate
from pipelines.storage import Home
from pipelines.train import train
from pipelines.workplace import code_version


def demo(
    preset: str = "county_xinxing_2009",
    seed: int = 1,
    as_of: date = date(2011, 1, 3),
    home: Path = Path("var"),
    config: Path | None = None,
) -> Demonstrated:
    """Simulate a county, ingest its extracts, train, score, explain and publish a risk list.

    Args:
        preset: The world to simulate.
        seed: Same seed, same world, same list.
        as_of: Day of knowledge of the list; the county's history ends with 2010.

    Example:
        groupchurn demo
    """
    extracts = Home(home).work / "extracts" / f"{preset}-{seed}-{code_version(simulator)[:8]}"
    if not extracts.exists():
        simulate(preset, seed, extracts)
    ingest(extracts, home=home, config=config)
    trained = train(as_of, home=home, config=config)
    listed = run(as_of, home=home, config=config)
    return Demonstrated({"trained": trained, "list": listed, "truth": extracts / "truth"})
