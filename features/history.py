"""From which day on a feature sees as far back as its windows reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

import narwhals as nw
import pandas as pd

from data_contracts.contract import Table
from features.definition import MEMBERS, Feature, Window
from features.known import closed_periods
from features.tables import Tables


def full_from(
    tables: Tables,
    features: Sequence[Feature],
    catalogue: Mapping[str, Feature],
) -> dict[str, date]:
    """For each feature, the first day on which nothing that its windows look at came too early.

    A table of periods reaches back to the first period that was ever delivered, a table of events
    to its first event; tables of states and intervals hold the past whenever they came.

    Args:
        catalogue: All features by name: those that others are derived from are among them.
    """
    begins: dict[str, date] = {}

    def full(window: Window) -> date:
        days = [date.min]
        for name in window.reads:
            contract = tables.contract(name)
            if name in tables and window.lookback and (contract.period or contract.day):
                if name not in begins:
                    begins[name] = _begin(tables, contract)
                days.append(_reached(contract, begins[name], window.lookback))
        return max(days)

    return {
        feature.name: max(
            (full(window) for window in _windows(feature, catalogue)), default=date.min
        )
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


def _begin(tables: Tables, contract: Table) -> date:
    """The day of a table's first period or event; the last there is if it has none."""
    when = contract.period or contract.day or ""
    first = tables[contract.name].select(nw.col(when).min()).collect("pyarrow").item()
    if first is None:
        return date.max
    if contract.period is None:
        return pd.Timestamp(first).date()
    start = pd.Period(str(first)[:6], freq="M").start_time.date()
    return start + timedelta(10 * (int(str(first)[6:] or 1) - 1))


def _reached(contract: Table, begin: date, lookback: int) -> date:
    """The first day from which ``lookback`` periods (days, for events) go no further than begin."""
    if begin == date.max:
        return begin
    if contract.period is None:
        return begin + timedelta(lookback)
    day = begin
    while _oldest(contract, day, lookback) < _period_of(contract, begin):
        day += timedelta(1)
    return day


def _oldest(contract: Table, day: date, lookback: int) -> str:
    closed = closed_periods(contract, day)
    return [next(closed) for _ in range(lookback)][-1]


def _period_of(contract: Table, day: date) -> str:
    month = f"{day:%Y%m}"
    return f"{month}{min((day.day - 1) // 10, 2) + 1}" if contract.grain == "dekad" else month
