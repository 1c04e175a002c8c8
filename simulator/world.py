"""Simulate an operator: its tables as they would arrive, and the truth behind them."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from itertools import repeat
from pathlib import Path

from simulator.circle import Circles
from simulator.dekads import dekads, months
from simulator.delivery import Landing, deliver_whole
from simulator.desk import Desk
from simulator.flaws.planting import Planter
from simulator.office import Office, Reporter
from simulator.preset import Parameter, Preset, PresetError, from_parameters
from simulator.society import Society
from simulator.tables.areas import Areas
from simulator.tables.bills import Bills
from simulator.tables.call_edges import CallEdges
from simulator.tables.campaigns import Campaigns
from simulator.tables.contracts import Contracts
from simulator.tables.groups import Groups
from simulator.tables.kpis import Kpis
from simulator.tables.letters import Letters
from simulator.tables.member_products import MemberProducts
from simulator.tables.people import People
from simulator.tables.product_usage import ProductUsage
from simulator.tables.products import Products
from simulator.tables.retention import Practice
from simulator.tables.rival_numbers import RivalNumbers
from simulator.tables.rivals import Rivals
from simulator.tables.second_sim import SecondSim
from simulator.tables.service import Tickets, Visits
from simulator.tables.snapshots import Snapshots
from simulator.tables.staff import Staff
from simulator.tables.usage import Usage
from simulator.truth import Truth

Progress = Callable[[str, int, int], None]
"""Called with what is done (a month, or a county), and the months done of those in all counties."""

END_OF_TIME = 9999_12_3


def simulate(
    preset: Preset,
    seed: int,
    out: Path,
    progress: Progress | None = None,
    *,
    counties: Sequence[int] | None = None,
    workers: int = 1,
    flaws: bool = False,
) -> None:
    """Run a world and write what its operator delivers, county by county.

    Counties share nothing, so memory is that of one county for each worker.

    Args:
        preset: The parameters, see ``preset.load``.
        seed: Another seed gives another world; the same one gives the same bytes.
        out: Folder; gets ``landing/<table>/<batch>.parquet``, one file for each table and month or
            dekad of loading (and county, where there are several), and ``truth/``, which nothing
            but tests and oracles may read.
        progress: Told after every month, or with several workers after every county.
        counties: Only these, counted from 0.
        workers: Processes to share the counties; they do not change a byte.
        flaws: Plant flaws in the delivery (see ``simulator.flaws``) and list them in
            ``truth/flaws.parquet``; nothing else changes.

    Raises:
        FileExistsError: ``out`` already holds a world.
        PresetError: A county that the preset does not have.
    """
    for part in ("landing", "truth"):
        if (out / part).exists():
            raise FileExistsError(f"{out / part} exists: give an empty folder, or remove it")
    everyone = range(preset.population.counties)
    chosen = list(everyone) if counties is None else sorted(set(counties))
    if strangers := [county for county in chosen if county not in everyone]:
        raise PresetError(f"no county {strangers[0]}; {preset.name} has 0 to {everyone[-1]}")
    if not chosen:
        raise PresetError(f"no county is chosen; {preset.name} has {len(everyone)}")
    if workers > 1 and len(chosen) > 1:
        _share_out(preset, seed, chosen, out, workers, progress, flaws)
        return
    total = len(chosen) * preset.world.months
    for done, (county, month) in enumerate(_months(preset, seed, chosen, out, flaws), start=1):
        if progress is not None:
            progress(month if len(chosen) == 1 else f"county {county} {month}", done, total)


def _share_out(
    preset: Preset,
    seed: int,
    counties: Sequence[int],
    out: Path,
    workers: int,
    progress: Progress | None,
    flaws: bool,
) -> None:
    own = preset.world.months
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        parameters = dict(preset.parameters)
        running = {
            pool.submit(_county, preset.name, parameters, seed, county, out, flaws): county
            for county in counties
        }
        for done, finished in enumerate(as_completed(running), start=1):
            finished.result()
            if progress is not None:
                progress(f"county {running[finished]}", done * own, len(counties) * own)


def _county(
    name: str, parameters: Mapping[str, Parameter], seed: int, county: int, out: Path, flaws: bool
) -> None:
    for _ in _months(from_parameters(name, parameters), seed, [county], out, flaws):
        pass


def _months(
    preset: Preset, seed: int, counties: Sequence[int], out: Path, flaws: bool
) -> Iterator[tuple[int, str]]:
    """Simulate counties one after another; yields after each month that is done."""
    for county in counties:
        yield from zip(repeat(county), _live(preset, seed, county, out, flaws), strict=False)


def _live(preset: Preset, seed: int, county: int, out: Path, flaws: bool) -> Iterator[str]:
    society = Society(preset, seed, county)
    suffix = f"-{county:03d}" if preset.population.counties > 1 else ""
    planter = Planter(preset.flaws, society.draws) if flaws else None
    landing = Landing(out / "landing", suffix, planter.deliver if planter else deliver_whole)
    office = Office(society, landing)
    truth = Truth(office, out / "truth", suffix)
    reporters, practice = _reporters(office)
    truth.begin()
    for reporter in reporters:
        reporter.begin()
    delivered = preset.world.months
    calendar = months(preset.world.start, delivered + preset.world.months_after)
    for month in calendar[:delivered]:
        for dekad in dekads(month):
            happenings = society.step(dekad)
            now = society.present(dekad)
            risk = now.risk()
            truth.dekad(happenings, now, risk, dekad)
            for reporter in reporters:
                reporter.dekad(happenings, dekad)
            if dekad.last == month.last:
                for reporter in reporters:
                    reporter.month(month)
            assigned = practice.decide(dekad)
            truth.assigned(assigned, now, risk, dekad)
            society.treat(assigned, risk, dekad)
            landing.flush(int(dekad.code))
        yield month.code
    landing.flush(END_OF_TIME)
    if planter is not None:
        planter.write(out / "truth" / f"flaws{suffix}.parquet")
    for month in calendar[delivered:]:
        for dekad in dekads(month):
            happenings = society.step(dekad)
            now = society.present(dekad)
            truth.dekad(happenings, now, now.risk(), dekad)
    truth.write()


def _reporters(office: Office) -> tuple[list[Reporter], Practice]:
    """Everybody who reports; the last of them also decides whom the operator treats."""
    staff = Staff(office)
    contracts = Contracts(office)
    bills = Bills(office, contracts)
    products = Products(office)
    usage = Usage(office)
    product_usage = ProductUsage(office, products, usage)
    groups = Groups(office, staff, bills, products, product_usage)
    snapshots = Snapshots(office, groups, bills)
    rivals = Rivals(office, staff)
    circles = Circles(office.society)
    numbers = RivalNumbers(office, circles)
    practice = Practice(office, staff, Desk(office, rivals, usage, groups))
    reporters: list[Reporter] = [
        Areas(office),
        Campaigns(office),
        staff,
        People(office),
        contracts,
        products,
        MemberProducts(office),
        rivals,
        Visits(office, staff, rivals),
        Tickets(office),
        Letters(office),
        usage,
        product_usage,
        bills,
        numbers,
        CallEdges(office, circles),
        SecondSim(office, circles, numbers),
        groups,
        Kpis(office, groups, snapshots, product_usage, usage),
        snapshots,
        practice,
    ]
    return reporters, practice
