"""Who is not scored at all: one function and one sentence each."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

Exclusion = Callable[[pd.DataFrame], "pd.Series[bool]"]


def is_lost(groups: pd.DataFrame) -> pd.Series[bool]:
    """The group has already left, or its file is void."""
    return groups["lifecycle"].isin(["lost", "void"])


def is_test(groups: pd.DataFrame) -> pd.Series[bool]:
    """The group exists only for tests."""
    return _known(groups["is_test"] == True)  # noqa: E712 - unknown is neither true nor false


def has_nobody_left(groups: pd.DataFrame) -> pd.Series[bool]:
    """None of the group's members is on net any more."""
    return _known(groups["members"] == 0)


EXCLUSIONS: tuple[Exclusion, ...] = (is_lost, is_test, has_nobody_left)
"""Who is never scored; of several sentences that hold, the first is given."""


def excluded(groups: pd.DataFrame) -> dict[str, str]:
    """The groups that are not to be scored, each with the sentence that says why.

    Args:
        groups: ``group_id``, ``lifecycle``, ``is_test`` and ``members`` (on net), missing where
            unknown; what is unknown excludes nobody.
    """
    found: dict[str, str] = {}
    for rule in EXCLUSIONS:
        for group_id in groups.loc[rule(groups), "group_id"]:
            found.setdefault(group_id, str(rule.__doc__))
    return dict(sorted(found.items()))


def _known(condition: pd.Series[bool]) -> pd.Series[bool]:
    return condition.fillna(False).astype(bool)
