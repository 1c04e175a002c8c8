"""Pictures of a model for its run: is it calibrated, how much does it find, what moves it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from models.explanation import Contributions
from models.metrics import Ranking
from models.profit import Acceptance, ProfitRanking, Stakes, profit_at

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FEWEST_IN_BAND = 20
"""Rows below which the observed rate of a band says nothing."""
SIZE_INCHES = (7.0, 5.0)
FEN_A_YUAN = 100


def reliability(label: ArrayLike, probability: ArrayLike, path: Path, *, bins: int = 10) -> Path:
    """Promised against observed rate, in bins of equal size; on the diagonal is right.

    Returns:
        ``path``, where a PNG now is.
    """
    steps = Ranking.of(label, probability).weighed()
    edges = np.linspace(0, steps.rows[-1], bins + 1)
    size = np.diff(edges)
    promised = np.diff(np.interp(edges, steps.rows, steps.expected)) / size
    came = np.diff(np.interp(edges, steps.rows, steps.positives)) / size
    with _drawing(path) as axes:
        top = float(max(promised.max(), came.max())) * 1.05
        axes.plot([0, top], [0, top], color="grey", linewidth=1, label="as promised")
        axes.plot(promised, came, marker="o", label=f"{bins} bins of {size[0]:,.0f} rows each")
        axes.set(xlabel="promised risk", ylabel="observed rate", title="Reliability")
        axes.legend()
    return path


def lift_curve(
    label: ArrayLike, scores: Mapping[str, ArrayLike], path: Path, *, points: int = 100
) -> Path:
    """Lift over the share of the list that is worked, one line a score; 1 is chance.

    Args:
        label: 0 or 1 for each row.
        scores: Name → score of each row, such as the model beside the rules baseline.
        path: Where the PNG goes.
        points: Points on a line.

    Returns:
        ``path``, where a PNG now is.
    """
    shares = np.linspace(1 / points, 1, points)
    with _drawing(path) as axes:
        for name, score in scores.items():
            steps = Ranking.of(label, score).weighed()
            found = np.interp(shares * steps.rows[-1], steps.rows, steps.positives)
            axes.plot(shares, found / max(steps.positives[-1], 1) / shares, label=name)
        axes.axhline(1, color="grey", linewidth=1, label="chance")
        axes.set(xlabel="share of the list worked", ylabel="lift", title="Lift", xlim=(0, 1))
        axes.legend()
    return path


def profit_curve(
    scores: Mapping[str, ArrayLike],
    stakes: Stakes,
    acceptance: Acceptance,
    path: Path,
    *,
    deepest: float = 0.05,
    worked: float | None = None,
) -> Path:
    """Expected profit over the share of the list that is contacted, one line a score.

    Args:
        scores: Name → score of each row.
        stakes: What contacting each row brings, in fen.
        acceptance: Distribution of the chance that an offer is taken.
        path: Where the PNG goes.
        deepest: Share of the list where the picture ends; beyond, all lines fall to the same loss.
        worked: Share of the list that there is capacity for, marked if given.

    Returns:
        ``path``, where a PNG now is.
    """
    shares = np.linspace(0, deepest, 201)
    with _drawing(path) as axes:
        for name, score in scores.items():
            curve = ProfitRanking.of(score, stakes).weighed()
            earned = [profit_at(curve, acceptance, share) / FEN_A_YUAN for share in shares]
            best = int(np.argmax(earned))
            (line,) = axes.plot(shares, earned, label=f"{name}, most at {shares[best]:.1%}")
            axes.plot(shares[best], earned[best], marker="o", color=line.get_color())
        axes.axhline(0, color="grey", linewidth=1, label="nobody contacted")
        if worked is not None and worked <= deepest:
            axes.axvline(worked, color="grey", linestyle="--", label=f"capacity, {worked:.1%}")
        axes.set(
            xlabel="share of the list contacted",
            ylabel="expected profit, yuan a group and list",
            title=f"Profit if {acceptance.mean:.0%} of those who would leave take the offer",
            xlim=(0, deepest),
        )
        axes.legend()
    return path


def hits_by_owner(
    owner: ArrayLike, label: ArrayLike, worked: ArrayLike, path: Path, *, most: int = 30
) -> Path:
    """How many rows each owner works over all lists, and how many of those were about to leave.

    Args:
        owner: Who works each row.
        label: 0 or 1 for each row.
        worked: How much of each row is worked, by ``Worklist.worked``.
        path: Where the PNG goes.
        most: Owners to show, those with the most hits.

    Returns:
        ``path``, where a PNG now is.
    """
    part = np.asarray(worked, dtype=np.float64)
    frame = pd.DataFrame(
        {"owner": np.asarray(owner).astype(str), "hits": part * np.asarray(label), "worked": part}
    )
    sums = frame.groupby("owner").sum().sort_values(["hits", "worked"]).tail(most)
    with _drawing(path) as axes:
        axes.barh(sums.index, sums["worked"], color="lightgrey", label="worked")
        bars = axes.barh(sums.index, sums["hits"], label="of these about to leave")
        rates = sums["hits"] / sums["worked"].where(sums["worked"] > 0)
        axes.bar_label(bars, [f"{rate:.0%}" if rate == rate else "" for rate in rates], padding=3)
        axes.set(xlabel="rows over all lists", title="What each owner finds at capacity")
        axes.legend(loc="lower right")
    return path


def ceilings(
    label: ArrayLike, scores: Mapping[str, ArrayLike], bands: Mapping[str, pd.DataFrame], path: Path
) -> Path:
    """Scorers beside each other: what each finds of those who leave, and whether it is right.

    Args:
        label: 0 or 1 for each row.
        scores: Name → probability of each row.
        bands: Name → ``comparison.calibration_bands``.
        path: Where the PNG goes.

    Returns:
        ``path``, where a PNG now is.
    """
    shares = np.linspace(0, 1, 201)
    with _panels(path, 2) as panels:
        finds, right = panels
        top = 0.0
        for name, score in scores.items():
            steps = Ranking.of(label, score).weighed()
            found = np.interp(shares * steps.rows[-1], steps.rows, steps.positives)
            finds.plot(shares, found / max(steps.positives[-1], 1), label=name)
            known = bands[name].query("n >= @FEWEST_IN_BAND")
            top = max(top, *known["promised"], *known["observed"])
            right.plot(known["promised"], known["observed"], marker="o", label=name)
        finds.plot([0, 1], [0, 1], color="grey", linewidth=1, label="chance")
        right.plot([0, top], [0, top], color="grey", linewidth=1, label="as promised")
        finds.set(xlabel="share of groups worked", ylabel="share of transfers found", title="Found")
        right.set(xlabel="promised risk", ylabel="observed rate", title="Calibration")
        finds.legend()
        right.legend()
    return path


def contribution_summary(
    contributions: Contributions,
    features: pd.DataFrame,
    path: Path,
    *,
    names: Mapping[str, str] | None = None,
    most: int = 15,
) -> Path:
    """SHAP's beeswarm: the strongest features, each row a dot, coloured by its value.

    Args:
        contributions: What to draw; a thousand rows show as much as all.
        features: The rows that were explained; columns as in the contributions.
        path: Where the PNG goes.
        names: Feature name → label to show, where another is wanted.
        most: Features to show.

    Returns:
        ``path``, where a PNG now is.
    """
    import shap  # type: ignore[import-untyped]

    columns = list(contributions.values.columns)
    explanation = shap.Explanation(
        values=contributions.values.to_numpy(),
        base_values=contributions.base.to_numpy(),
        data=features.loc[:, columns].to_numpy(),
        feature_names=[(names or {}).get(name, name) for name in columns],
    )
    with _drawing(path) as axes, _same_dots():
        shap.plots.beeswarm(explanation, max_display=most, show=False, ax=axes, plot_size=None)
        axes.set_xlabel("contribution to the log-odds of leaving")
    return path


@contextmanager
def _drawing(path: Path) -> Iterator[Axes]:
    with _panels(path, 1) as panels:
        yield panels[0]


@contextmanager
def _panels(path: Path, count: int) -> Iterator[list[Axes]]:
    """Axes side by side on a figure of their own, so that a notebook's figures are left alone."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    width, height = SIZE_INCHES
    figure = Figure(figsize=(width * count, height), layout="constrained")
    FigureCanvasAgg(figure)
    yield list(figure.subplots(1, count, squeeze=False)[0])
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120, metadata={"Software": None})


@contextmanager
def _same_dots() -> Iterator[None]:
    """SHAP scatters its dots by numpy's global generator: seed it, and put it back after."""
    before = np.random.get_state()
    np.random.seed(0)
    try:
        yield
    finally:
        np.random.set_state(before)
