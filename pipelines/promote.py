"""Promote: which version of a model scores from now on."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pipelines.workplace import open_workplace


def promote(
    version: int,
    /,
    model: Literal["group_transfer", "member_churn"] = "group_transfer",
    home: Path = Path("var"),
) -> dict[str, str | int]:
    """Make a version the champion, which scores from now on; the former one stays registered.

    Nothing is compared here: look at the figures of both versions first.

    Args:
        version: Number of the version, see `groupchurn models list`.
        model: Which model.

    Example:
        groupchurn models promote 2
    """
    registry = open_workplace(home).registry
    registry.set_alias(model, "champion", version)
    return {"model": model, "champion": version}
