"""The picture of a backtest: what the lists caught month by month, and how early."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Language = Literal["en", "zh"]

SIZE_INCHES = (13.0, 5.2)
DAYS_A_BAR = 20
HAVE_CHINESE = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei", "SimHei", "Microsoft YaHei", "PingFang SC", "Droid Sans Fallback",
    # Of a collection matplotlib knows the first face alone; all hold the same characters.
    "Noto Sans CJK JP", "Noto Serif CJK SC", "Noto Serif CJK JP",
)  # fmt: skip
COLOURS = {"model": "#1f5fa8", "rules": "#d9822b", "chance": "#9a9a9a"}

WORDS: Mapping[str, Mapping[Language, str]] = {
    "model": {"en": "model", "zh": "模型"},
    "rules": {"en": "rules", "zh": "规则"},
    "chance": {"en": "chance", "zh": "随机"},
    "fallback": {
        "en": "(r): too little was known, so the rules made the list",
        "zh": "(r)：样本不足，由规则出表",
    },
    "caught": {
        "en": "Groups caught: on the list, and transferred within the window",
        "zh": "命中：上表后在窗口期内转网的集团",
    },
    "groups": {"en": "groups", "zh": "集团数"},
    "month": {"en": "month of the list, and how many transferred", "zh": "名单月份及转网集团数"},
    "early": {"en": "How early the caught groups were first listed", "zh": "首次上表距转网的天数"},
    "days": {"en": "days from first listing to transfer", "zh": "首次上表至转网（天）"},
    "median": {"en": "median {days:.0f} days", "zh": "中位数{days:.0f}天"},
    "none": {"en": "nothing was caught", "zh": "无命中"},
}  # fmt: skip


def language_of_picture(wanted: Language) -> Language:
    """Chinese only where a font of this machine has its characters; else English."""
    return "zh" if wanted == "zh" and _chinese_font() else "en"


def backtest_picture(
    months: pd.DataFrame, leads: Mapping[str, pd.DataFrame], path: Path, language: Language = "en"
) -> Path:
    """Two panels: caught per month beside rules, chance and how many came; and lead times.

    Args:
        months: As ``hindsight.by_month`` gives it, with ``method`` (model or rules).
        leads: Scorer → as ``hindsight.leads`` gives it; scorers are drawn in this order.
        path: Where the PNG goes.
        language: Of the labels; English where there is no Chinese font.

    Returns:
        ``path``, where a PNG now is.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    spoken = language_of_picture(language)
    fonts = [name for name in (_chinese_font(), "DejaVu Sans") if name]
    with rc_context({"font.family": fonts if spoken == "zh" else ["DejaVu Sans"]}):
        figure = Figure(figsize=SIZE_INCHES, layout="constrained")
        FigureCanvasAgg(figure)
        left, right = figure.subplots(1, 2, width_ratios=[3, 2])
        _caught(left, months, spoken)
        _early(right, leads, spoken)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=120, metadata={"Software": None})
    return path


def _caught(axes: Axes, months: pd.DataFrame, language: Language) -> None:
    place = np.arange(len(months))
    for side, name in ((-1, "model"), (1, "rules")):
        bars = axes.bar(
            place + side * 0.2, months[name], width=0.38, color=COLOURS[name],
            label=_word(name, language),
        )  # fmt: skip
        axes.bar_label(bars, [f"{caught:.3g}" for caught in months[name].round(1)], fontsize=8)
    axes.step(
        np.append(place, len(place)) - 0.5,
        np.append(months["chance"], months["chance"].iloc[-1]),
        where="post",
        color="black",
        linestyle=":",
        label=_word("chance", language),
    )
    fallback = months["method"].eq("rules")
    names = [
        f"{month.month}\n{month.came}" + ("\n(r)" if month.method == "rules" else "")
        for month in months.itertuples()
    ]
    axes.set_xticks(place, names, fontsize=8)
    axes.set(ylabel=_word("groups", language), title=_word("caught", language))
    most = float(months[["model", "rules", "chance"]].to_numpy(np.float64).max())
    axes.set_ylim(0, max(most, 1.0) * 1.3)
    below = f"\n{_word('fallback', language)}" if fallback.any() else ""
    axes.set_xlabel(_word("month", language) + below)
    axes.legend(ncols=3, loc="upper left", frameon=False)
    _plain(axes)


def _early(axes: Axes, leads: Mapping[str, pd.DataFrame], language: Language) -> None:
    from models.metrics import weighted_median

    latest = max((lead["days"].max() for lead in leads.values() if len(lead)), default=0.0)
    edges = np.arange(0, latest + 2 * DAYS_A_BAR, DAYS_A_BAR)
    for number, (name, lead) in enumerate(leads.items()):
        if lead.empty:
            continue
        days, weight = lead["days"].to_numpy(np.float64), lead["weight"].to_numpy(np.float64)
        counts, _ = np.histogram(days, edges, weights=weight)
        wide = DAYS_A_BAR / len(leads)
        label = f"{_word(name, language)}: " + _word("median", language).format(
            days=weighted_median(days, weight)
        )
        axes.bar(
            edges[:-1] + wide * (number + 0.5), counts, width=wide * 0.92,
            color=COLOURS[name], label=label,
        )  # fmt: skip
    axes.set(
        xlabel=_word("days", language), ylabel=_word("groups", language),
        title=_word("early", language),
    )  # fmt: skip
    if any(len(lead) for lead in leads.values()):
        axes.legend(frameon=False)
    else:
        axes.text(0.5, 0.5, _word("none", language), ha="center", transform=axes.transAxes)
    _plain(axes)


def _plain(axes: Axes) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.spines[["top", "right"]].set_visible(False)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))


def _word(name: str, language: Language) -> str:
    return WORDS[name][language]


def _chinese_font() -> str | None:
    from matplotlib.font_manager import fontManager

    there = {font.name for font in fontManager.ttflist}
    return next((name for name in HAVE_CHINESE if name in there), None)
