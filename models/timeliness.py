"""How early a list warns, and how much it changes from one dekad to the next."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from models.bootstrap import Estimate, estimates
from models.errors import EvaluationError
from models.frames import Floats
from models.metrics import ratio


@dataclass(frozen=True)
class Early:
    """What counts as a warning in time; ``[timeliness]`` of the settings.

    Attributes:
        look_back_days: A group that stood on a list this long before it moved was warned of.
        enough_days: Warned this long before, there was time to act.
    """

    look_back_days: int
    enough_days: int


def lead_times(rows: pd.DataFrame, listed: ArrayLike, onset: pd.Series, early: Early) -> pd.Series:
    """Days from the first list that a group stood on to the day that it moved.

    Args:
        rows: Judged rows, of which ``as_of`` and ``group_id`` are read.
        listed: Whether each row stands on its day's list, by ``Worklist.worked`` or by band; of a
            row in part worked any part above a half counts.
        onset: First day of the transfer by group id; each group at most once.
        early: How far back to look. Days are only seen from the first day of the rows: lists that
            begin later than ``look_back_days`` before a transfer give it a shorter lead.

    Returns:
        Days by group id, for each group with an onset after its first row and within
        ``look_back_days`` of some row; NaN where no list warned before the day itself.

    Raises:
        EvaluationError: A group has two onsets, or there is not one ``listed`` a row.

    Example:
        >>> days = pd.to_datetime(["2010-01-03", "2010-01-13", "2010-01-13"])
        >>> rows = pd.DataFrame({"as_of": days, "group_id": ["a", "a", "b"]})
        >>> onset = pd.Series(pd.to_datetime(["2010-02-02", "2010-02-02"]), index=["a", "b"])
        >>> lead_times(rows, [0, 1, 0], onset, Early(180, 20)).to_dict()
        {'a': 20.0, 'b': nan}
    """
    stands = np.asarray(listed, dtype=np.float64) > 0.5
    if len(stands) != len(rows):
        raise EvaluationError(f"lead time: {len(stands)} list entries for {len(rows)} rows")
    if not onset.index.is_unique:
        raise EvaluationError("lead time: a group has more than one onset; give the first")
    moved = rows["group_id"].map(pd.to_datetime(onset))
    ahead = (moved - pd.to_datetime(rows["as_of"])).dt.days
    seen = pd.DataFrame({"group_id": rows["group_id"], "days": ahead, "stands": stands})
    seen = seen[seen["days"].between(1, early.look_back_days)]
    first = seen["days"].where(seen["stands"]).groupby(seen["group_id"]).max()
    return first.astype("float64").rename("lead_days")


def lead_figures(days: pd.Series, early: Early, *, draws: int, seed: int) -> dict[str, Estimate]:
    """How early, and how often early enough; groups are drawn again.

    Args:
        days: As ``lead_times`` gives them.

    Returns:
        lead_days, the median over those that were warned of; warned, their share of all that
        moved; warned_in_time, the share of all that moved warned of ``enough_days`` before;
        in_time_if_warned, the same of those that were warned of.

    Raises:
        EvaluationError: No group moved.
    """
    lead = days.to_numpy(np.float64)
    warned = ~np.isnan(lead)
    soon = warned & (np.nan_to_num(lead) >= early.enough_days)

    def read(weight: Floats) -> dict[str, float]:
        found, timely = float(weight @ warned), float(weight @ soon)
        return {
            "lead_days": weighted_median(lead[warned], weight[warned]),
            "warned": ratio(found, float(weight.sum())),
            "warned_in_time": ratio(timely, float(weight.sum())),
            "in_time_if_warned": ratio(timely, found),
        }

    return estimates(read, days.index, draws=draws, seed=seed)


def weighted_median(values: Floats, weight: Floats) -> float:
    """The median of values that count ``weight`` times each; NaN of none."""
    order = np.argsort(values, kind="stable")
    ranked, below = values[order], np.cumsum(weight[order])
    if not len(below) or below[-1] <= 0:
        return float("nan")
    half = below[-1] / 2
    lower = ranked[np.searchsorted(below, half, side="left")]
    upper = ranked[np.searchsorted(below, half, side="right")]
    return float((lower + upper) / 2)


def list_stability(
    rows: pd.DataFrame, score: ArrayLike, worked: Floats, *, p: float
) -> pd.DataFrame:
    """How alike each list is to the one before.

    Args:
        rows: Judged rows, of which ``as_of`` and ``group_id`` are read.
        score: By which the list is sorted, one a row.
        worked: How much of each row is worked, by ``Worklist.worked``.
        p: Persistence of rank-biased overlap, in (0, 1): .9 puts 86 % of the weight on the top 10.

    Returns:
        A row for each day but the first: as_of, jaccard of the worked groups, and overlap, the
        rank-biased overlap of the ranked lists as deep as both lists are long. Both are 1 for equal
        lists and 0 for lists that share nothing. Groups that are no longer there count as changed.

    Source:
        Webber, Moffat and Zobel (2010), A similarity measure for indefinite rankings, ACM TOIS
        28(4), equation 30 (extrapolated).
    """
    frame = pd.DataFrame(
        {
            "as_of": rows["as_of"].to_numpy(),
            "group_id": rows["group_id"].to_numpy(),
            "score": np.asarray(score, dtype=np.float64),
            "worked": worked,
        }
    )
    days = [(day, part.set_index("group_id")) for day, part in frame.groupby("as_of", sort=True)]
    found = []
    for (_, before), (day, after) in itertools.pairwise(days):
        depth = round(min(before["worked"].sum(), after["worked"].sum()))
        overlap = rank_biased_overlap(before["score"], after["score"], depth=depth, p=p)
        found.append((day, jaccard(before["worked"], after["worked"]), overlap))
    return pd.DataFrame(found, columns=["as_of", "jaccard", "overlap"])


def steadiness(rows: pd.DataFrame, worked: Floats, *, draws: int, seed: int) -> dict[str, Estimate]:
    """The mean ``jaccard`` of ``list_stability`` with its interval; groups are drawn again.

    Raises:
        EvaluationError: There are no rows.
    """
    frame = pd.DataFrame(
        {"day": rows["as_of"].to_numpy(), "group_id": rows["group_id"].to_numpy(), "on": worked}
    )
    lists = frame.pivot(index="day", columns="group_id", values="on").fillna(0.0)
    on = lists.to_numpy(np.float64)
    shared, either = np.minimum(on[1:], on[:-1]), np.maximum(on[1:], on[:-1])

    def read(weight: Floats) -> dict[str, float]:
        share = [ratio(*pair) for pair in zip(shared @ weight, either @ weight, strict=True)]
        return {"jaccard": float(np.nanmean(share)) if np.isfinite(share).any() else float("nan")}

    return estimates(read, lists.columns, draws=draws, seed=seed)


def jaccard(one: pd.Series, other: pd.Series) -> float:
    """Shared over all, of lists that may hold an entry in part; NaN if both are empty."""
    both = pd.concat([one, other], axis=1).fillna(0.0).to_numpy()
    return ratio(float(both.min(axis=1).sum()), float(both.max(axis=1).sum()))


def rank_biased_overlap(one: pd.Series, other: pd.Series, *, depth: int, p: float) -> float:
    """How alike two rankings are, the top counting most; ties are shared out, not broken.

    Args:
        one, other: Scores by id, highest first; each id once.
        depth: Ranks that are compared; beyond, they are taken to agree as they do there.
        p: Weight of a rank over that of the rank above it, in (0, 1).

    Raises:
        EvaluationError: ``p`` is not in (0, 1).

    Example:
        >>> a = pd.Series([3.0, 2.0, 1.0], index=["x", "y", "z"])
        >>> b = pd.Series([3.0, 2.0, 1.0], index=["y", "x", "z"])
        >>> rank_biased_overlap(a, b, depth=2, p=0.5)  # .5² · 2/2 + .5/.5 · (0/1·.5 + 2/2·.25)
        0.5
    """
    if not 0 < p < 1:
        raise EvaluationError(f"rank-biased overlap: p is {p}, it must lie between 0 and 1")
    if depth < 1:
        return float("nan")
    both = pd.concat([one, other], axis=1)
    places = [_places(both.iloc[:, side].to_numpy(np.float64)) for side in (0, 1)]
    depths = np.arange(1, depth + 1)
    top = (places[0][0] < depth) & (places[1][0] < depth)
    held = [
        np.clip((depths[None, :] - above[top, None]) / size[top, None], 0.0, 1.0)
        for above, size in places
    ]
    shared = np.minimum(*held).sum(axis=0)
    agreement = shared / depths
    return float(agreement[-1] * p**depth + (1 - p) / p * (agreement @ p**depths))


def _places(score: Floats) -> tuple[Floats, Floats]:
    """Rows above each row's tie, and rows in it; a row without a score stands nowhere."""
    known = np.sort(score[~np.isnan(score)])
    higher = len(known) - np.searchsorted(known, score, side="right")
    tied = np.searchsorted(known, score, side="right") - np.searchsorted(known, score, side="left")
    absent = np.isnan(score)
    return np.where(absent, np.inf, higher), np.where(absent, 1.0, tied)
