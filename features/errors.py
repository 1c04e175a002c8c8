"""What can be wrong with a feature, or with asking for one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class FeatureError(ValueError):
    """Features were asked for in a way that cannot be answered; the message says what to do."""


class CatalogError(FeatureError):
    """A feature that cannot be computed as it is written."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The question after what was probably meant; nothing where nothing is like it."""
    near = get_close_matches(name, list(known))
    return f": did you mean {' or '.join(near)}?" if near else ""
