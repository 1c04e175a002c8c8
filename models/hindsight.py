"""What lists of the past would have caught, counted in groups: by month and over the whole time.

A frame of list rows has a row a day of list and group in the risk set whose outcome is known by
now: ``as_of``, ``group_id``, ``label`` (1 if it transferred in the window after the day), ``value``
(fen a month; unknown counts as 0), ``onset`` (days from ``as_of`` to the transfer; NaN where not
known) and, for each of ``SCORERS``, how much of it stood on that scorer's list: 1, 0, or a part
where rows tied at the limit share the places. A part is read as the chance to stand on the list,
drawn anew for each list; what it makes of several lists is an expectation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.bootstrap import Estimate, estimates
from models.errors import EvaluationError
from models.frames import Floats
from models.metrics import ratio, weighted_median

SCORERS = ("model", "rules", "chance")
NEEDED = ("as_of", "group_id", "label", "value", "onset", *SCORERS)
_SURE = 1.959964
"""Normal quantile of a 95 % interval."""


@dataclass(frozen=True)
class Share:
    """A share with its 95 % interval; NaN of nothing."""

    value: float
    low: float
    high: float

    @staticmethod
    def of(part: float, whole: float) -> Share:
        """Wilson's interval, which is no point even where nothing or everything was found.

        Example:
            >>> Share.of(0, 20)  # low is 0, high is 1.96² / (20 + 1.96²)
            Share(value=0.0, low=0.0, high=0.1611)

        Source:
            Wilson (1927), Probable inference, JASA 22(158).
        """
        if whole <= 0:
            return Share(float("nan"), float("nan"), float("nan"))
        share, spread = part / whole, _SURE**2 / whole
        centre = share + spread / 2
        reach = np.sqrt(max(share * (1 - share), 0.0) * spread + spread**2 / 4)
        low, high = (centre - reach) / (1 + spread), (centre + reach) / (1 + spread)
        return Share(share, round(max(float(low), 0.0), 4), round(min(float(high), 1.0), 4))


def by_group(rows: pd.DataFrame) -> pd.DataFrame:
    """Each group once, over all lists of the rows.

    Args:
        rows: List rows, see the module.

    Returns:
        By group id, sorted: ``came`` (1 if the label was ever 1), ``value`` (on the first day on
        which it was, else on the first day) and for each scorer ``listed_…`` and ``caught_…``: the
        chance to stand on any of the lists, and on any before a transfer within its window.

    Raises:
        EvaluationError: A column is missing, or there are no rows.
    """
    ordered = _checked(rows)
    came = ordered["label"].eq(1)
    group = ordered["group_id"]
    first = ordered.assign(came=came).sort_values(["came", "as_of"], ascending=[False, True])
    found = first.groupby("group_id", sort=True)[["came", "value"]].first()
    found = found.assign(came=found["came"].astype(float), value=found["value"].fillna(0.0))
    for name in SCORERS:
        off = 1.0 - ordered[name].clip(0.0, 1.0)
        found[f"listed_{name}"] = 1.0 - off.groupby(group).prod()
        found[f"caught_{name}"] = 1.0 - off.where(came, 1.0).groupby(group).prod()
    return found


def leads(rows: pd.DataFrame, scorer: str) -> pd.DataFrame:
    """How early the caught groups stood on a list first, of the lists before their transfer.

    Returns:
        A row a list that may have been the first: ``group_id``, ``days`` to the transfer and
        ``weight``, the chance that it was; rows without a known onset are left out.

    Raises:
        EvaluationError: A column is missing, or there are no rows.
    """
    came = _checked(rows).query("label == 1")
    on = came[scorer].clip(0.0, 1.0)
    never_before = (1.0 - on).groupby(came["group_id"]).cumprod().groupby(came["group_id"]).shift()
    first = pd.DataFrame(
        {
            "group_id": came["group_id"],
            "days": came["onset"].astype("float64"),
            "weight": on * never_before.fillna(1.0),
        }
    )
    return first[(first["weight"] > 0) & first["days"].notna()].reset_index(drop=True)


def most_possible(rows: pd.DataFrame) -> int:
    """Groups that lists of the same lengths could have caught, had they been perfect.

    List after list takes, of the groups whose transfer is in sight and that are not caught yet,
    those that go out of sight first; no other way catches more.

    Raises:
        EvaluationError: A column is missing, or there are no rows.
    """
    ordered = _checked(rows)
    places = ordered.groupby("as_of")["model"].sum().round().astype(int)
    in_sight = ordered[ordered["label"] == 1]
    last = in_sight.groupby("group_id")["as_of"].max()
    caught: set[object] = set()
    for day, there in in_sight.groupby("as_of", sort=True):
        waiting = [group for group in there["group_id"] if group not in caught]
        urgent = sorted(waiting, key=lambda group: (last[group], group))
        caught.update(urgent[: places[day]])
    return len(caught)


def by_month(rows: pd.DataFrame) -> pd.DataFrame:
    """What the lists of each month caught; a group counts once a month.

    Returns:
        A row a month: ``month`` (2010-03), ``lists``, ``groups`` in the risk set, ``listed`` by
        the model, transfers that ``came``, of which ``model``, ``rules``, ``chance`` and a
        ``perfect`` list caught so many, ``false_alarms`` of the model, its ``precision`` with
        ``precision_low`` and ``precision_high``, ``value_caught`` and ``rules_value_caught``
        (shares of the transfers' value) and ``lead_days``, the median.

    Raises:
        EvaluationError: A column is missing, or there are no rows.
    """
    ordered = _checked(rows)
    month = pd.to_datetime(ordered["as_of"]).dt.strftime("%Y-%m")
    return pd.DataFrame([_month(str(name), part) for name, part in ordered.groupby(month)])


def totals(rows: pd.DataFrame, *, enough_days: int, draws: int, seed: int) -> dict[str, Estimate]:
    """Figures over the whole time, each group once, with intervals from drawing groups again.

    Args:
        rows: List rows, see the module.
        enough_days: Listed so many days before its transfer, there was time to act.
        draws, seed: Of the bootstrap.

    Returns:
        For each scorer ``caught_…`` (share of the transfers), ``precision_…`` (share of the groups
        ever listed that transferred while listed) and ``value_…`` (share of the transfers' value);
        ``lead_days_model`` and ``lead_days_rules`` (medians); ``in_time_model`` and
        ``in_time_rules`` (share of the caught with a lead of ``enough_days``); and over the same
        draws ``more_than_…`` and ``surer_than_…`` rules and chance: the model's ``caught`` and
        ``precision`` less theirs. Lists with ties hold other groups each time, so that rules list
        more groups over the time than a model does, in as many places.

    Raises:
        EvaluationError: A column is missing, or there are no rows.
    """
    groups = by_group(rows)
    place = {group: number for number, group in enumerate(groups.index)}
    early = {name: _places(leads(rows, name), place) for name in SCORERS[:2]}
    columns = {str(name): values.to_numpy(np.float64) for name, values in groups.items()}

    def read(weight: Floats) -> dict[str, float]:
        return _figures(columns, early, enough_days, weight)

    return estimates(read, groups.index.to_numpy(), draws=draws, seed=seed)


def _figures(
    columns: Mapping[str, Floats],
    early: Mapping[str, tuple[Floats, Floats, Floats]],
    enough_days: int,
    weight: Floats,
) -> dict[str, float]:
    came, at_stake = columns["came"], columns["came"] * columns["value"]
    found: dict[str, float] = {}
    for name in SCORERS:
        caught, listed = columns[f"caught_{name}"], columns[f"listed_{name}"]
        found[f"caught_{name}"] = _share(caught, came, weight)
        found[f"precision_{name}"] = _share(caught, listed, weight)
        found[f"value_{name}"] = _share(caught * columns["value"], at_stake, weight)
    for name, (of, days, chance) in early.items():
        sure = chance * weight[of.astype(np.intp)]
        found[f"lead_days_{name}"] = weighted_median(days, sure)
        found[f"in_time_{name}"] = _share(
            np.asarray(days >= enough_days, np.float64), np.ones_like(days), sure
        )
    for other in SCORERS[1:]:
        found[f"more_than_{other}"] = found["caught_model"] - found[f"caught_{other}"]
        found[f"surer_than_{other}"] = found["precision_model"] - found[f"precision_{other}"]
    return found


def _share(part: Floats, whole: Floats, weight: Floats) -> float:
    return ratio(float(weight @ part), float(weight @ whole))


def _places(lead: pd.DataFrame, place: Mapping[object, int]) -> tuple[Floats, Floats, Floats]:
    """For each lead the number of its group, the days and the weight."""
    of = np.array([place[group] for group in lead["group_id"]], dtype=np.float64)
    return of, lead["days"].to_numpy(np.float64), lead["weight"].to_numpy(np.float64)


def _month(name: str, rows: pd.DataFrame) -> dict[str, object]:
    groups, lead = by_group(rows), leads(rows, "model")
    listed, caught = float(groups["listed_model"].sum()), float(groups["caught_model"].sum())
    right = Share.of(caught, listed)
    at_stake = float((groups["came"] * groups["value"]).sum())
    return {
        "month": name,
        "lists": int(rows["as_of"].nunique()),
        "groups": len(groups),
        "listed": listed,
        "came": int(groups["came"].sum()),
        **{scorer: float(groups[f"caught_{scorer}"].sum()) for scorer in SCORERS},
        "perfect": most_possible(rows),
        "false_alarms": listed - caught,
        "precision": right.value,
        "precision_low": right.low,
        "precision_high": right.high,
        "value_caught": ratio(float((groups["caught_model"] * groups["value"]).sum()), at_stake),
        "rules_value_caught": ratio(
            float((groups["caught_rules"] * groups["value"]).sum()), at_stake
        ),
        "lead_days": weighted_median(
            lead["days"].to_numpy(np.float64), lead["weight"].to_numpy(np.float64)
        ),
    }


def _checked(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows by day and group."""
    if missing := [name for name in NEEDED if name not in rows.columns]:
        raise EvaluationError(f"list rows: these columns are missing: {', '.join(missing)}")
    if rows.empty:
        raise EvaluationError("list rows: there are none, so nothing can be counted")
    return rows.sort_values(["as_of", "group_id"], kind="stable")
