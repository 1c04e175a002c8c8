"""Look-ups: contracts, features and settings, for people and for programs."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from pipelines import settings
from pipelines.errors import UsageError

if TYPE_CHECKING:
    from features.definition import Feature

T = TypeVar("T")
Row = dict[str, object]

_SECTION = re.compile(r"\[([\w.]+)\]")
_KEY = re.compile(r"(\w+) = ")
_NOTE = re.compile(r"# unit: (.+?) · since: (.+?) · source: (.+)")


def list_contracts() -> list[Row]:
    """All tables: those that an operator delivers and those that we publish.

    Example:
        groupchurn contracts list
    """
    from data_contracts.contract import published_tables, source_tables

    return [
        {
            "table": table.name,
            "code": table.code,
            "direction": direction,
            "one row is a": table.grain,
            "columns": len(table.columns),
            "rules": len(table.rules),
            "meaning": _first_sentence(table.meaning),
        }
        for direction, tables in (("source", source_tables()), ("published", published_tables()))
        for table in tables.values()
    ]


def show_contract(name: str, /) -> Row:
    """Columns, units, classification and rules of one table.

    Args:
        name: Name of the table, such as usage_month.

    Example:
        groupchurn contracts show usage_month
    """
    from data_contracts.contract import published_tables, source_tables

    table = _known("contract", name, {**source_tables(), **published_tables()})
    return {
        "table": table.name,
        "code": table.code,
        "meaning": table.meaning,
        "meaning_zh": table.meaning_zh,
        "one row is a": table.grain,
        "key": table.key,
        "delivered within days": table.deadline_days,
        "columns": [
            {
                "column": column.name,
                "kind": column.kind,
                "unit": column.unit,
                "required": column.required,
                "classification": column.classification,
                "meaning": column.meaning,
                "meaning_zh": column.meaning_zh,
            }
            for column in table.columns
        ],
        "rules": [{"rule": rule.id, "what must hold": rule.text} for rule in table.rules],
    }


def list_features(*, entity: Literal["member", "group"] | None = None) -> list[Row]:
    """All features, of members and of groups.

    Args:
        entity: Only those of members or of groups.

    Example:
        groupchurn features list --entity group
    """
    from models.hazard_features import READABLE

    return [
        {
            "feature": feature.name,
            "entity": feature.entity,
            "family": feature.family,
            "reason": feature.reason.code,
            "unit": feature.unit,
            "meaning": _first_sentence(feature.meaning),
        }
        for feature in READABLE.values()
        if entity in (None, feature.entity)
    ]


def show_feature(name: str, /) -> Row:
    """What a feature means, where it comes from and how it is put in words.

    Args:
        name: Name of the feature, such as group_out_fall.

    Example:
        groupchurn features show group_out_fall
    """
    from features import dictionary
    from models.hazard_features import READABLE

    feature = _known("feature", name, READABLE)
    return {
        "feature": feature.name,
        "entity": feature.entity,
        "meaning": feature.meaning,
        "family": feature.family,
        "unit": feature.unit,
        "low": feature.low,
        "high": feature.high,
        "range": dictionary.range_in_words(feature),
        "window": dictionary.window_in_words(feature.over),
        "without rows": dictionary.empty_in_words(feature),
        "direction": dictionary.direction_in_words(feature),
        "table": feature.over.name if feature.over else None,
        "reads": feature.over.reads if feature.over else None,
        "inputs": feature.inputs,
        "derived from": _derived_from(feature),
        "reason": f"{feature.reason.code} {feature.reason.en} {feature.reason.zh}",
        "raises the risk": feature.raises.en,
        "raises_zh": feature.raises.zh,
        "lowers the risk": feature.lowers.en,
        "lowers_zh": feature.lowers.zh,
    }


def show_dictionary(*, lang: Literal["en", "zh"] = "en", out: Path | None = None) -> str:
    """The dictionary of all features, as a Markdown page.

    Args:
        lang: English or Chinese.
        out: File to write it to; left out, it is printed.

    Example:
        groupchurn features dictionary --lang en --out docs/features.md
    """
    from features.dictionary import dictionary

    page = dictionary(lang)
    if out is None:
        return page
    out.write_text(page, encoding="utf-8")
    return f"{out}: {page.count(chr(10)):,} lines"


def show_config(config: Path | None = None) -> Row:
    """Every setting that holds, its unit, where it was set, since when it holds and why.

    Example:
        groupchurn config show --config mine.toml
    """
    holding = settings.load(config)
    values = holding.model_dump(exclude={"rules"})
    own = dict(settings.leaves(settings.read(config))) if config else {}
    notes = _notes(settings.DEFAULT_FILE.read_text(encoding="utf-8"))
    return {
        "digest": holding.digest,
        "settings": [
            {"setting": key, "value": value, "set by": _set_by(key, own, config), **notes[key]}
            for key, value in settings.leaves(values)
        ],
        "rules": [rule.model_dump() for rule in holding.rules],
    }


def _derived_from(feature: Feature) -> list[str]:
    """The features that a feature is made from, where it is made from features."""
    from features.catalog import FEATURES
    from features.definition import MEMBERS

    made_of = feature.inputs if feature.over in (None, MEMBERS) else ()
    return [name for name in made_of if name in FEATURES]


def _set_by(key: str, own: Collection[str], config: Path | None) -> str:
    if settings.variable(key) in os.environ:
        return "environment"
    return str(config) if key in own else "default"


def _notes(toml: str) -> dict[str, Row]:
    """Unit, date and source of each default, from the comment above it."""
    section, note, notes = "", Row(), {}
    for line in toml.splitlines():
        if found := _SECTION.match(line):
            section = found[1]
        elif found := _NOTE.match(line):
            note = {"unit": found[1], "default since": found[2], "source of default": found[3]}
        elif found := _KEY.match(line):
            notes[f"{section}.{found[1]}"] = note
    return notes


def _first_sentence(text: str) -> str:
    return " ".join(text.split()).partition(". ")[0].removesuffix(".") + "."


def _known(what: str, name: str, known: Mapping[str, T]) -> T:
    if name in known:
        return known[name]
    near = get_close_matches(name, known)
    hint = f"Did you mean {' or '.join(near)}?" if near else f"See `groupchurn {what}s list`."
    raise UsageError(f"There is no {what} {name!r}. {hint}")
