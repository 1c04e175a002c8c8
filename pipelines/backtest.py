"""Backtest: had lists been made this way before, what would they have caught, and how early?"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pipelines import console
from pipelines.errors import UsageError
from pipelines.orchestration import step
from pipelines.workplace import Workplace, open_workplace

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import RenderableType

    from models.bootstrap import Estimate
    from pipelines.training_table import TrainingTable

SCORERS = ("model", "rules", "chance")
HEADS = {"model": "by the list", "rules": "by rules", "chance": "by chance"}
"""What a scorer is called: the model's list is the rules' where too little was known."""
IN_WORDS = {
    "caught": "of the groups that transferred, caught",
    "value": "of the revenue that went with them, caught",
    "precision": "of the groups listed, transferred",
    "in_time": "of the caught, listed early enough to act",
    "lead_days": "days from first listing to transfer, median",
}


class Backtested(dict[str, Any]):
    """What the lists would have caught, month by month and in all."""

    def __rich__(self) -> RenderableType:
        from rich.console import Group

        from pipelines.console import table

        parts: list[RenderableType] = [
            f"Lists of {self['from']} to {self['to']}, each made from what was known on its day, "
            "and how many they held of the groups that moved in the label's window:",
            table([_told(month) for month in self["months"]]),
            "Over the whole time, each group counted once:",
            table(_totals(self["totals"])),
        ]
        for other in SCORERS[1:]:
            parts += _beside(self["totals"], other)
        for why in self["rules_because"]:
            parts.append(f"Rules made the lists from {why['from']} on: {why['why']}.")
        return Group(*parts, f"Picture: {self['picture']}")


def backtest(
    as_of: date,
    home: Path = Path("var"),
    config: Path | None = None,
    months: int = 12,
    language: Literal["en", "zh"] = "en",
) -> Backtested:
    """What the lists of the last months would have caught, how early, beside rules and chance.

    Goes back to one month after the other: a model is made from what was known by then, again every
    few months, and each account manager works the riskiest groups there is time for. What became of
    the groups is known by now, so only lists whose outcome has matured are judged. Where too few
    transfers were known to learn from, the rules make the list and it says so. Killed, it goes on
    where it was when called again.

    Args:
        as_of: Day by which outcomes are known; the newest lists that are judged lie before it.
        months: How many months of lists.
        language: Of the picture; Chinese needs a font on this machine.

    Example:
        groupchurn backtest --as-of 2011-01-03
    """
    place = open_workplace(home, config)
    if not place.warehouse.capabilities["time"]:
        raise UsageError("These data are one snapshot without time: there are no past lists.")
    if months < 1:
        raise UsageError("--months: at least one month is needed.")
    from pipelines.training_table import training_tables

    groups, _ = step("training tables", training_tables, place, as_of)
    rows, name = step("lists of the past", past_lists, place, groups, as_of, months)
    return step("what they caught", judged, place, rows, name, language)


def past_lists(
    place: Workplace, table: TrainingTable, as_of: date, months: int
) -> tuple[pd.DataFrame, str]:
    """The list rows of all months, and a name for what they were made from."""
    import pandas as pd

    from pipelines.past_lists import kept_scores, list_rows, made_from, origins

    name = made_from(place, as_of, months)
    rolled = origins(place, table.days, months)
    folder = place.home.work / "backtest" / name
    found = []
    with console.progress("origins") as tell:
        for done, origin in enumerate(rolled, start=1):
            found.append(kept_scores(place, origin, folder))
            tell(done, len(rolled))
    scored = pd.concat(found, ignore_index=True)
    return list_rows(place, table, scored), f"{as_of}-{name[:8]}"


def judged(
    place: Workplace, rows: pd.DataFrame, name: str, language: Literal["en", "zh"]
) -> Backtested:
    """Figures, tables and the picture of list rows.

    Args:
        place: Whose settings, and where the files go.
        rows: From ``past_lists``.
        name: Of the folder under ``home/backtest``.
        language: Of the picture.
    """
    import pandas as pd

    from models.backtest_plot import backtest_picture
    from models.hindsight import by_month, leads, totals
    from pipelines.judging import one_thread

    drawn, folder = place.settings.evaluation, place.home.path / "backtest" / name
    with one_thread():
        months = by_month(rows)
        figures = totals(
            rows,
            enough_days=place.settings.backtest.enough_days,
            draws=drawn.draws,
            seed=drawn.seed,
        )
    month = pd.to_datetime(rows["as_of"]).dt.strftime("%Y-%m")
    made = rows.assign(month=month).groupby("month")[["method", "why"]].first().reset_index()
    months = months.merge(made, how="left", on="month", validate="1:1")
    folder.mkdir(parents=True, exist_ok=True)
    early = {scorer: leads(rows, scorer) for scorer in SCORERS[:2]}
    picture = backtest_picture(months, early, folder / "backtest.png", language)
    told = pd.DataFrame(
        [(one, it.value, it.low, it.high) for one, it in figures.items()],
        columns=["figure", "value", "low", "high"],
    )
    for file, frame in {"months": months, "totals": told, "lists": rows}.items():
        frame.to_csv(folder / f"{file}.csv", index=False, lineterminator="\n")
    return Backtested(
        {
            "from": rows["as_of"].min(),
            "to": rows["as_of"].max(),
            "months": months.to_dict("records"),
            "totals": figures,
            "rules_because": _reasons(rows),
            "picture": picture,
            "tables": folder,
        }
    )


def _reasons(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Why rules made lists, each reason once with the first list it holds for."""
    by_rules = rows[rows["method"] == "rules"]
    first = by_rules.groupby("why", sort=False)["as_of"].min()
    return [{"from": day, "why": why} for why, day in first.items()]


def _beside(figures: dict[str, Estimate], other: str) -> list[str]:
    said = {"more_than": "of the transfers caught", "surer_than": "of the listed transferred"}
    found = []
    for figure, what in said.items():
        more = figures[f"{figure}_{other}"]
        surely = "surely more" if more.low > 0 else "surely less" if more.high < 0 else "not sure"
        found.append(f"The list less {other}: {_percent(more, sign='+')} {what}, {surely}.")
    return found


def _told(month: dict[str, Any]) -> dict[str, object]:
    low, high = month["precision_low"], month["precision_high"]
    ahead = month["lead_days"]
    return {
        "month": month["month"],
        "made by": month["method"],
        "listed": f"{month['listed']:.0f}",
        "moved": month["came"],
        **{HEADS[name]: f"{month[name]:.1f}" for name in SCORERS},
        "at best": month["perfect"],
        "false": f"{month['false_alarms']:.0f}",
        "precision": f"{month['precision']:.0%} [{low:.0%}, {high:.0%}]",
        "revenue": f"{month['value_caught']:.0%}",
        "days ahead": "-" if ahead != ahead else f"{ahead:.0f}",
    }


def _totals(figures: dict[str, Estimate]) -> list[dict[str, str]]:
    rows = []
    for figure, said in IN_WORDS.items():
        row = {"": said}
        for name in SCORERS:
            it = figures.get(f"{figure}_{name}")
            if it is None:
                row[HEADS[name]] = "-"
            elif figure == "lead_days":
                row[HEADS[name]] = f"{it.value:.0f} [{it.low:.0f}, {it.high:.0f}]"
            else:
                row[HEADS[name]] = _percent(it)
        rows.append(row)
    return rows


def _percent(it: Estimate, sign: str = "") -> str:
    return f"{it.value:{sign}.1%} [{it.low:{sign}.1%}, {it.high:{sign}.1%}]"
