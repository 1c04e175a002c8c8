"""`groupchurn report loop`: what the lists were used for, what that saved, and what ranks next."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from models.bootstrap import Estimate
from models.effect import Effect, Enough, measured
from models.uplift import Gate
from pipelines.errors import UsageError
from pipelines.loop_episodes import Drawn, cases_known, drawn, first_day
from pipelines.workplace import Workplace, open_workplace

if TYPE_CHECKING:
    from rich.console import RenderableType

YUAN = 100
"""Fen in a yuan."""


@dataclass(frozen=True)
class DekadLine:
    """The list of a dekad, and what all lists from the first one to it have shown.

    Attributes:
        day: Day of the list.
        alerts: Cases opened, the holdout's aside.
        due: Those of them that somebody should have contacted by now.
        on_time: Those of the due that were contacted in time.
        told: Cases of which something was reported.
        held: Groups drawn into the holdout.
        effect: Measured effect of the lists so far; None before anything was drawn.
    """

    day: date
    alerts: int
    due: int
    on_time: int
    told: int
    held: int
    effect: Effect | None


def report_loop(
    *,
    as_of: date,
    months: int = 12,
    home: Path = Path("var"),
    config: Path | None = None,
) -> Told:
    """What came of the lists: contacts, feedback, and what treating saved, by the random holdout.

    Saved groups and margin are measured against the groups that were held out by lot, whoever was
    in fact visited, with 95 % intervals; where too few were held out or moved it says how many are
    lacking. It also says by what lists are ranked, and why. Everything is as known on the day.

    Args:
        as_of: Day of knowledge.
        months: Lists of so many months before it, of 30 days each.

    Example:
        groupchurn report loop --as-of 2011-01-03
    """
    from pipelines import console

    place = open_workplace(home, config)
    cases = cases_known(place, as_of)
    if cases.empty:
        raise UsageError(
            f"By {as_of} no alert is known (table alert_case): there is no loop to report on. "
            "Publish lists, then `groupchurn cases export` and `groupchurn ingest`."
        )
    since = first_day(as_of, months)
    with console.stage("what became of the groups"):
        found = drawn(place, cases, as_of, since)
    recent = cases[cases["list_day"] >= since]
    enough = place.settings.loop.enough()
    total = measured(found.episodes, enough)
    cost = _cost(place, found, as_of)
    return Told(
        as_of=as_of,
        since=since,
        lines=_lines(recent, found, as_of, enough),
        total=total,
        drawn=found,
        cost_fen=cost,
        cost_per_saved_fen=_per_saved(cost, total),
        gate=_gate(place, found),
    )


class Told(dict[str, Any]):
    """The report; as JSON its figures, as a table what a manager reads."""

    def __init__(
        self,
        *,
        as_of: date,
        since: date,
        lines: list[DekadLine],
        total: Effect,
        drawn: Drawn,
        cost_fen: int,
        cost_per_saved_fen: Estimate,
        gate: Gate,
    ) -> None:
        super().__init__(
            as_of=as_of,
            since=since,
            dekads=[
                {**_fields(line), "effect": _effect(line.effect) if line.effect else None}
                for line in lines
            ],
            total=_effect(total),
            not_at_risk=drawn.not_at_risk,
            propensity_assumed=drawn.assumed,
            cost_fen=cost_fen,
            cost_per_saved_fen=cost_per_saved_fen,
            ranking={**_fields(gate), "in_use": gate.ranking, "why": why_ranked(gate)},
        )
        self._lines, self._total, self._gate = lines, total, gate
        self._cost, self._per_saved, self._drawn = cost_fen, cost_per_saved_fen, drawn

    def __rich__(self) -> RenderableType:
        from rich.console import Group
        from rich.text import Text

        from pipelines.console import table

        rows = [
            {
                "list": f"{line.day}",
                "alerts": line.alerts,
                "on time": f"{line.on_time} of {line.due}",
                "reported": line.told,
                "held out": line.held,
                "saved so far": saved_words(line.effect),
                "margin so far, yuan": _margin_words(line.effect),
            }
            for line in self._lines
        ]
        return Group(table(rows), *map(Text, self._sentences()))

    def _sentences(self) -> list[str]:
        total = self._total
        known = (
            f"All lists: of {total.treated} groups drawn to be treated {total.treated_moved} "
            f"transferred, of {total.held} held out {total.held_moved}; of {total.waiting} it is "
            f"not known yet, {self._drawn.not_at_risk} had gone when they were drawn."
        )
        lines = [known, f"Saved: {saved_words(total)}."]
        if total.enough:
            lines.append(f"Margin saved, yuan: {_interval(_scaled(total.margin_fen))}.")
        lines.append(_cost_words(self._cost, self._per_saved))
        if self._drawn.assumed:
            lines.append(
                "The log keeps no chance of these draws: the share of [holdout] is taken for it."
            )
        return [*lines, why_ranked(self._gate)]


def saved_words(effect: Effect | None) -> str:
    """Groups saved with their interval, or what is lacking.

    Example:
        >>> saved_words(None)
        'nothing drawn yet'
    """
    if effect is None:
        return "nothing drawn yet"
    if effect.enough:
        return f"{_interval(effect.saved)} groups ({_percent(effect.difference)})"
    lacking = {"held out": effect.missing_held, "transferred": effect.missing_moved}
    more = " and ".join(f"{count} more {name}" for name, count in lacking.items() if count)
    return f"not enough yet: {more}"


def _margin_words(effect: Effect | None) -> str:
    return _interval(_scaled(effect.margin_fen)) if effect and effect.enough else "-"


def why_ranked(gate: Gate) -> str:
    """By what lists are ranked, and why, in a sentence."""
    if gate.opens:
        return (
            "Ranked by the learnt effect: on randomised groups it had not learnt from, its Qini "
            f"coefficient is higher by {gate.gain}."
        )
    expected = "Ranked by aptness × risk and how groups usually respond: "
    if gate.missing:
        names = {"treated": "treated", "held": "held out", "moved": "transferred"}
        more = ", ".join(f"{count} more {names[name]}" for name, count in gate.missing.items())
        return f"{expected}a learnt effect is not tried before there are {more}."
    return f"{expected}the learnt effect is not surely better (Qini coefficient {gate.gain})."


def _lines(cases: pd.DataFrame, found: Drawn, as_of: date, enough: Enough) -> list[DekadLine]:
    lines = []
    for day in sorted(set(cases["list_day"])):
        rows = cases[cases["list_day"] == day]
        open_ones = rows[~rows["is_holdout"].astype("boolean").fillna(False).astype(bool)]
        limit = pd.Timestamp(as_of) + pd.Timedelta(days=1)
        due = open_ones[open_ones["due_time"].notna() & open_ones["due_time"].lt(limit)]
        in_time = due["first_contact_time"].le(due["due_time"])
        so_far = found.episodes[found.episodes["drawn_on"] <= day]
        here = found.episodes["drawn_on"].eq(day) & found.episodes["arm"].eq("holdout")
        lines.append(
            DekadLine(
                day=day,
                alerts=len(open_ones),
                due=len(due),
                on_time=int(in_time.sum()),
                told=int(open_ones["feedback"].notna().sum()),
                held=int(here.sum()),
                effect=measured(so_far, enough) if len(so_far) else None,
            )
        )
    return lines


def _cost(place: Workplace, found: Drawn, as_of: date) -> int:
    """What treating the groups of the treated arm has cost, within their windows, fen."""
    from features.known import Known
    from features.tables import as_pandas

    if "treatment" not in place.tables or found.episodes.empty:
        return 0
    log = as_pandas(Known(place.tables, [as_of]).rows("treatment"), "treatment_id")
    done = log[log["arm"].eq("treat") & log["delivered"].eq(True) & log["cost_fen"].notna()]
    known = found.episodes[found.episodes["moved"].notna()]
    spells = known.loc[known["arm"] == "treat", ["group_id", "drawn_on"]]
    both = done[["group_id", "assign_time", "cost_fen"]].merge(spells, on="group_id")
    days = (both["assign_time"] - pd.to_datetime(both["drawn_on"])).dt.days
    lag = place.settings.study.as_of_lag_days
    inside = days.between(-lag - 1, place.group_label.window_days)
    return int(both.loc[inside, "cost_fen"].sum())


def _per_saved(cost_fen: int, effect: Effect) -> Estimate:
    """Cost of each group saved, fen; unknown where perhaps nobody was saved."""
    unknown = float("nan")
    if not effect.enough or effect.saved.value <= 0:
        return Estimate(unknown, unknown, unknown)
    high = cost_fen / effect.saved.low if effect.saved.low > 0 else math.inf
    return Estimate(cost_fen / effect.saved.value, cost_fen / effect.saved.high, high)


def _gate(place: Workplace, found: Drawn) -> Gate:
    from models.uplift import gate
    from pipelines.loop_trial import trial_of

    uplift = place.settings.uplift
    return gate(
        trial_of(place, found.episodes, uplift.gate()),
        uplift.knobs(place.settings.engine.threads),
        uplift.gate(),
    )


def _cost_words(cost_fen: int, per_saved: Estimate) -> str:
    spent = f"Treating them cost {cost_fen / YUAN:,.0f} yuan"
    if math.isnan(per_saved.value):
        return f"{spent}; what a saved group cost cannot be told yet."
    if math.isinf(per_saved.high):
        return f"{spent}, {per_saved.value / YUAN:,.0f} a group saved, if any surely was."
    return f"{spent}; a group saved, in yuan: {_interval(_scaled(per_saved))}."


def _scaled(fen: Estimate) -> Estimate:
    return Estimate(fen.value / YUAN, fen.low / YUAN, fen.high / YUAN)


def _interval(one: Estimate) -> str:
    return f"{one.value:,.0f} [{one.low:,.0f}, {one.high:,.0f}]"


def _percent(one: Estimate) -> str:
    return f"{one.value:.1%} [{one.low:.1%}, {one.high:.1%}] of those treated"


def _effect(effect: Effect) -> dict[str, Any]:
    return {**_fields(effect), "enough": effect.enough}


def _fields(one: Any) -> dict[str, Any]:
    return {f.name: getattr(one, f.name) for f in dataclasses.fields(one)}
