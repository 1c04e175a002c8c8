"""The model card: what a model is for, what it was made from, how good it is and where it ends.

A page of Markdown in English or Chinese, made from the run and from nothing else. It holds no
row of a table, no id of a person or group and no path.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from features.definition import Feature, Text
from features.dictionary import direction_in_words
from models import card_words as words
from models.bootstrap import Estimate
from models.bundle import Model

Language = Literal["en", "zh"]
CARDS: Mapping[Language, str] = {"en": "model_card.md", "zh": "model_card.zh-CN.md"}
SLICES = "slices.json"
VERSIONS = (
    "as_of",
    "label_version",
    "data_version",
    "feature_version",
    "config_hash",
    "code_version",
)


@dataclass(frozen=True)
class Card:
    """What a card tells beyond the model itself.

    Attributes:
        label_meaning: What counts as positive, in a sentence.
        days: Part (fit, calibration, test) → its scoring days.
        figures: Of the twin, which has not seen the test days, on the test days.
        baseline: The same of the rules, where there are rules.
        slices: The same by slice, as ``models.slices.sliced`` gives them; empty if not taken.
        catalogue: The features by name.
        made_by: Who made the model: a command, never a person.
    """

    label_meaning: Text
    days: Mapping[str, Sequence[date]]
    figures: Mapping[str, Estimate]
    catalogue: Mapping[str, Feature]
    baseline: Mapping[str, Estimate] = field(default_factory=dict)
    slices: pd.DataFrame = field(default_factory=pd.DataFrame)
    made_by: str = "groupchurn train"


def model_card(model: Model, card: Card, language: Language) -> str:
    """The card as a page of Markdown.

    Example:
        >>> from models.model_card import Card, model_card  # doctest: +SKIP
        >>> print(model_card(model, Card(...), "en"))  # doctest: +SKIP
    """
    said = words.IN[language]
    parts = {
        "purpose": [said["purpose_text"]],
        "label": [f"{model.label}: {getattr(card.label_meaning, language)}"],
        "data": list(_data(model, card, language)),
        "figures": list(_figures(card, language)),
        "slices": list(_slices(card.slices, language)),
        "calibration": [_calibration(model, language)],
        "features": list(_features(model, card, language)),
        "limits": [f"- {line}" for line in words.LIMITS[language]],
        "versions": list(_versions(model, card, language)),
    }
    lines = [f"# {said['title']}: {model.name}", ""]
    for name, content in parts.items():
        if content:
            lines += [f"## {said[name]}", "", *content, ""]
    return "\n".join(lines).rstrip() + "\n"


def write_cards(model: Model, card: Card, folder: Path) -> tuple[Path, ...]:
    """Write the card in both languages, and the figures of the slices as JSON where there are any.

    Returns:
        The files, to be logged with the run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for language, name in CARDS.items():
        file = folder / name
        file.write_text(model_card(model, card, language), encoding="utf-8")
        files.append(file)
    if not card.slices.empty:
        file = folder / SLICES
        rows = json.loads(card.slices.to_json(orient="records", double_precision=15))
        file.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        files.append(file)
    return tuple(files)


def _data(model: Model, card: Card, language: Language) -> Iterator[str]:
    said = words.IN[language]
    yield from _head(said["part"], said["days"], said["from"], said["to"], said["rows"])
    for part, days in card.days.items():
        rows, positives = (model.metadata.get(f"{part}_{what}") for what in ("rows", "positives"))
        counted = "" if rows is None else said["of_which"].format(rows=rows, positives=positives)
        if part == "test" and "n" in card.figures:
            n, positive = (round(card.figures[name].value) for name in ("n", "positives"))
            counted = said["of_which"].format(rows=n, positives=positive)
        first, last = (min(days), max(days)) if days else ("", "")
        yield _row(said[f"part_{part}"], str(len(days)), str(first), str(last), counted)
    yield ""
    yield said["embargo"]


def _figures(card: Card, language: Language) -> Iterator[str]:
    said = words.IN[language]
    yield said["figures_text"]
    yield ""
    columns = [said["figure"], said["model"], *([said["rules"]] if card.baseline else [])]
    yield from _head(*columns)
    for name, text in words.FIGURES.items():
        if name in card.figures:
            rules = [_estimate(card.baseline.get(name))] if card.baseline else []
            yield _row(getattr(text, language), _estimate(card.figures[name]), *rules)


def _slices(found: pd.DataFrame, language: Language) -> Iterator[str]:
    if found.empty:
        return
    said = words.IN[language]
    shown = [name for name in words.OF_SLICES if name in set(found["figure"])]
    titles = [getattr(words.FIGURES[name], language) for name in shown]
    yield said["slices_text"]
    yield ""
    yield from _head(said["slice"], said["rows_short"], said["positive_groups"], *titles)
    for (by, value), rows in found.groupby(["by", "slice"], sort=False):
        one = rows.set_index("figure")
        bounds: dict[Any, Any] = one[["value", "low", "high"]].to_dict("index")
        cells = (_estimate(Estimate(**bounds[name])) for name in shown)
        counts = (str(int(one[name].iloc[0])) for name in ("rows", "positive_groups"))
        yield _row(f"{by} {value}", *counts, *cells)


def _calibration(model: Model, language: Language) -> str:
    curve = model.calibration
    positives = model.metadata.get("calibration_positives", "?")
    return words.IN[language]["calibration_text"].format(
        method=words.METHODS[curve.method][language], knots=len(curve.x), positives=positives
    )


def _features(model: Model, card: Card, language: Language) -> Iterator[str]:
    said = words.IN[language]
    gain = model.booster.feature_importance("gain")
    total = float(gain.sum()) or 1.0
    used = sorted(zip(model.features, gain, strict=True), key=lambda one: (-one[1], one[0]))
    yield said["features_text"].format(count=len(used))
    yield ""
    yield from _head(said["feature"], said["share"], said["direction"], said["reason"])
    for name, one in used:
        feature = card.catalogue.get(name)
        told = (
            (direction_in_words(feature, language), _reason(feature, language))
            if feature
            else ("", "")
        )
        yield _row(f"`{name}`", f"{float(one) / total:.1%}", *told)


def _versions(model: Model, card: Card, language: Language) -> Iterator[str]:
    said = words.IN[language]
    known = {name: str(model.metadata[name]) for name in VERSIONS if name in model.metadata}
    known["groupchurn"], known["lightgbm"] = installed("groupchurn"), installed("lightgbm")
    yield from _head(said["what"], said["version"])
    for name, value in known.items():
        yield _row(name, f"`{value}`")
    yield _row(said["made_by"], f"`{card.made_by}`")


def _reason(feature: Feature, language: Language) -> str:
    return f"{feature.reason.code} {getattr(feature.reason, language)}"


def _estimate(found: Estimate | None) -> str:
    if found is None or math.isnan(found.value):
        return ""
    return str(found) if math.isfinite(found.low) else f"{found.value:.3f}"


def _head(*cells: str) -> Iterator[str]:
    yield _row(*cells)
    yield "|" + "---|" * len(cells)


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
