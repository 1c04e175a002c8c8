"""From which day on a feature sees as far back as its windows reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import islice

import narwhals as nw

from data_contracts.contract import Table
from features.definition import MEMBERS, Feature, Window
from features.known import closed_ends
from features.tables import Tables


def full_from(
    tables: Tables,
    features: Sequence[Feature],
    catalogue: Mapping[str, Feature],
    days: Sequence[date],
) -> dict[str, date]:
    """For each feature, the first of ``days`` on which nothing it looks at was before its sources.

    A table of periods reaches back to the first period that was known on the day, a table of events
    to its first event; tables of states and intervals hold the past whenever they came.
    ``date.max`` where there is no such day, ``date.min`` where any day will do.

    Args:
        catalogue: All features by name: those that others are derived from are among them.
    """
    deliveries: dict[str, list[tuple[date, date]]] = {}
    found: dict[tuple[str, int], date] = {}

    def first_whole(name: str, lookback: int) -> date:
        contract = tables.contract(name)
        if name not in deliveries:
            deliveries[name] = _deliveries(tables, contract)
        if (name, lookback) not in found:
            whole = (day for day in days if _reaches(deliveries[name], contract, lookback, day))
            found[name, lookback] = next(whole, date.max)
        return found[name, lookback]

    def full(window: Window) -> date:
        asked = {name: reach or window.lookback for name, reach in window.reads.items()}
        return max(
            (
                first_whole(name, reach)
                for name, reach in asked.items()
                if reach and name in tables and _has_time(tables.contract(name))
            ),
            default=date.min,
        )

    return {
        feature.name: max(map(full, _windows(feature, catalogue)), default=date.min)
        for feature in features
    }


def _windows(feature: Feature, catalogue: Mapping[str, Feature]) -> Iterator[Window]:
    """The windows of a feature and of all that it is derived from."""
    if feature.over and feature.over != MEMBERS:
        yield feature.over
        return
    for name in feature.inputs:
        if name in catalogue and name != feature.name:
            yield from _windows(catalogue[name], catalogue)


def _has_time(contract: Table) -> bool:
    return contract.period is not None or contract.day is not None


def _deliveries(tables: Tables, contract: Table) -> list[tuple[date, date]]:
    """For each period or day of events: its first day, and the day on which a row of it came."""
    when = contract.period or contract.day or ""
    column = nw.col(when) if contract.period else nw.col(when).cast(nw.Date).cast(nw.String)
    rows = tables[contract.name].select(when=column, load_time=nw.col("load_time"))
    came = rows.filter(~nw.col("when").is_null()).group_by("when").agg(nw.col("load_time").min())
    frame = came.collect("pandas").to_native()
    return [
        (_first_day(str(w)), t.date())
        for w, t in zip(frame["when"], frame["load_time"], strict=True)
    ]


def _first_day(when: str) -> date:
    """Of a month (YYYYMM), a dekad (YYYYMMd) or a day (YYYY-MM-DD)."""
    if "-" in when:
        return date.fromisoformat(when[:10])
    return date(int(when[:4]), int(when[4:6]), 1 + 10 * (int(when[6:] or 1) - 1))


def _reaches(
    deliveries: list[tuple[date, date]], contract: Table, lookback: int, day: date
) -> bool:
    """Whether what was known on ``day`` begins no later than a window of it."""
    known = [first for first, came in deliveries if came <= day]
    if not known:
        return False
    if contract.period is None:
        return min(known) <= day - timedelta(lookback)
    oldest = next(islice(closed_ends(contract, day), lookback - 1, None))
    return min(known) <= oldest
