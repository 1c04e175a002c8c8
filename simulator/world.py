"""Simulate an operator: its tables as they would arrive, and the truth behind them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from simulator.dekads import dekads, months
from simulator.delivery import Landing
from simulator.office import Office, Reporter
from simulator.preset import Preset
from simulator.society import Society
from simulator.tables.areas import Areas
from simulator.tables.bills import Bills
from simulator.tables.contracts import Contracts
from simulator.tables.groups import Groups
from simulator.tables.letters import Letters
from simulator.tables.member_products import MemberProducts
from simulator.tables.people import People
from simulator.tables.products import Products
from simulator.tables.rivals import Rivals
from simulator.tables.second_sim import SecondSim
from simulator.tables.service import Tickets, Visits
from simulator.tables.staff import Staff
from simulator.tables.usage import Usage
from simulator.truth import Truth

Progress = Callable[[str, int, int], None]
"""Called after each month with its code, the months done and the months in all."""

END_OF_TIME = 999912


def simulate(preset: Preset, seed: int, out: Path, progress: Progress | None = None) -> None:
    """Run a world and write what its operator delivers.

    Args:
        preset: The parameters, see ``preset.load``.
        seed: Another seed gives another world; the same one gives the same bytes.
        out: Folder; gets ``landing/<table>/<YYYYMM>.parquet``, one file for each table and month
            of loading, and ``truth/``, which nothing but tests and oracles may read.
        progress: Told after every month.

    Raises:
        FileExistsError: ``out`` already holds a world.
    """
    for part in ("landing", "truth"):
        if (out / part).exists():
            raise FileExistsError(f"{out / part} exists: give an empty folder, or remove it")
    society = Society(preset, seed)
    landing = Landing(out / "landing")
    office = Office(society, landing)
    truth = Truth(office, out / "truth")
    reporters = _reporters(office)
    truth.begin()
    for reporter in reporters:
        reporter.begin()
    calendar = months(preset.world.start, preset.world.months)
    for month in calendar:
        for dekad in dekads(month):
            happenings = society.step(dekad)
            truth.dekad(happenings, dekad)
            for reporter in reporters:
                reporter.dekad(happenings, dekad)
        for reporter in reporters:
            reporter.month(month)
        landing.flush(int(month.code))
        if progress is not None:
            progress(month.code, month.index + 1, len(calendar))
    landing.flush(END_OF_TIME)
    truth.write()


def _reporters(office: Office) -> list[Reporter]:
    staff = Staff(office)
    bills = Bills(office)
    products = Products(office)
    rivals = Rivals(office, staff)
    return [
        Areas(office),
        staff,
        People(office),
        Contracts(office),
        products,
        MemberProducts(office),
        rivals,
        Visits(office, staff, rivals),
        Tickets(office),
        Letters(office),
        Usage(office),
        bills,
        SecondSim(office),
        Groups(office, staff, bills, products),
    ]
