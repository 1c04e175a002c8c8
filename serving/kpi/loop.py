"""What the loop itself did: alerts of the dekad, and what became of those of the last months."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from features.known import Known
from features.tables import as_pandas
from serving.kpi.areas import Areas
from serving.kpi.formulas import before_month, month_end
from serving.kpi.terms import Reading

LEVELS = ("red", "orange", "yellow", "blue")


@dataclass(frozen=True)
class Share:
    """A share with its parts; ``share`` is None of nothing."""

    num: int
    den: int

    @property
    def share(self) -> float | None:
        """num ÷ den."""
        return self.num / self.den if self.den else None


@dataclass(frozen=True)
class Loop:
    """The loop in an area.

    Attributes:
        red, orange, yellow, blue: Alerts handed out in the dekad.
        contacted: Alerts of the last months that were due, and how many were contacted.
        closed: The same, closed.
        kept: Alerts old enough for the data to tell, and how many of their groups are not lost in
            the operator's books. Who left silently is in no book: `report loop` tells of those.
        held_back: The same of groups held back at random.
        enough: Whether enough were held back to compare.
    """

    red: int
    orange: int
    yellow: int
    blue: int
    contacted: Share
    closed: Share
    kept: Share
    held_back: Share
    enough: bool


@dataclass(frozen=True)
class Cases:
    """Cases as known on the day, one row a case, with the area of the group and what became of it.

    ``rows`` has ``area_id, level, dispatched, due, contacted, closed, held_back, lost`` (missing
    while it is not known).
    """

    rows: pd.DataFrame
    day: date


def read_cases(known: Known, reading: Reading, groups: pd.DataFrame, day: date) -> Cases | None:
    """Cases of groups; None without a table of cases.

    Args:
        groups: ``group_id, area_id`` of every group.
        day: The day that the report tells of.
    """
    if "alert_case" not in known.tables:
        return None
    cases = as_pandas(known.rows("alert_case"), "case_id")
    cases = cases[cases["group_id"].notna()]
    area = dict(zip(groups["group_id"], groups["area_id"], strict=True))
    dispatched = pd.to_datetime(cases["dispatched_time"]).dt.date
    rows = pd.DataFrame(
        {
            "area_id": cases["group_id"].map(area).fillna(""),
            "level": cases["level"],
            "dispatched": dispatched,
            "due": pd.to_datetime(cases["due_time"]).dt.date,
            "contacted": _by(cases["first_contact_time"], day),
            "closed": _by(cases["closed_time"], day),
            "held_back": cases["is_holdout"].astype("boolean").fillna(False).astype(bool),
            "lost": _lost(known, reading, cases["group_id"], dispatched, day),
        }
    )
    return Cases(rows[rows["dispatched"].notna()], day)


def loop(cases: Cases, areas: Areas, area_id: str, reading: Reading, fewest: int) -> Loop:
    """The loop in an area; groups held back are counted with nobody but those held back."""
    inside = {leaf for leaf in cases.rows["area_id"].unique() if area_id in areas.above(str(leaf))}
    rows = cases.rows[cases.rows["area_id"].isin(inside)]
    told, back = rows[~rows["held_back"]], rows[rows["held_back"]]
    first = _dekad_begins(cases.day)
    now = told[(told["dispatched"] >= first) & (told["dispatched"] <= cases.day)]
    since = cases.day - timedelta(reading.case_days)
    worked_on = told[
        told["level"].isin(reading.case_levels)
        & (told["dispatched"] > since)
        & (told["due"] <= cases.day)
    ]
    compared = set(back["level"])
    return Loop(
        **{level: int((now["level"] == level).sum()) for level in LEVELS},
        contacted=_share(worked_on["contacted"]),
        closed=_share(worked_on["closed"]),
        kept=_kept(told[told["level"].isin(compared)] if compared else told),
        held_back=_kept(back),
        enough=int(back["lost"].notna().sum()) >= fewest,
    )


def _kept(rows: pd.DataFrame) -> Share:
    told = rows["lost"].dropna().astype(bool)
    return Share(int((~told).sum()), len(told))


def _share(flags: Iterable[bool]) -> Share:
    found = [bool(flag) for flag in flags]
    return Share(sum(found), len(found))


def _by(moments: pd.Series, day: date) -> pd.Series:
    on = pd.to_datetime(moments).dt.date
    return pd.Series([not pd.isna(each) and each <= day for each in on], index=moments.index)


def _lost(
    known: Known, reading: Reading, groups: pd.Series, dispatched: pd.Series, day: date
) -> pd.Series:
    """Whether a group was lost in the books some days after its case; missing while unknown."""
    unknown = pd.Series(pd.NA, index=groups.index, dtype="boolean")
    if "group_snapshot" not in known.tables or not len(groups):
        return unknown
    sent_first = min(each for each in dispatched if not pd.isna(each))
    back = 12 * (known.days[-1].year - sent_first.year + 1)
    rows = known.rows("group_snapshot", back).select("group_id", "month", "lifecycle")
    snapshots = rows.collect("pandas").to_native().itertuples(index=False, name=None)
    state = {(group, month): lifecycle for group, month, lifecycle in snapshots}
    for index, group, sent in zip(groups.index, groups, dispatched, strict=True):
        if pd.isna(sent):
            continue
        end = month_end(sent + timedelta(reading.verify_days))
        found = state.get((group, f"{end:%Y%m}"))
        if end <= day and found is not None:
            unknown[index] = found in reading.lost
    return unknown


def _dekad_begins(day: date) -> date:
    """The first day of the dekad that ends on ``day``."""
    if day == month_end(day):
        return day.replace(day=21)
    return day.replace(day=day.day - 9) if day.day >= 10 else before_month(day).replace(day=21)
