"""Verify: what the data say of cases whose wait is over, and the end of those cases."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from pipelines.errors import UsageError
from pipelines.workplace import Workplace, open_workplace


def verify(
    as_of: date,
    at: datetime | None = None,
    home: Path = Path("var"),
    config: Path | None = None,
) -> dict[str, object]:
    """Judge the cases whose wait is over by the data, and close them.

    Args:
        as_of: Day of knowledge: nothing that was loaded after it counts.
        at: When it is recorded; left out, when the list of that day is given out.

    Example:
        groupchurn cases verify --as-of 2011-03-13
    """
    place = open_workplace(home, config)
    return verify_cases(place, as_of, at or place.casebook.rules.given_out(as_of))


def verify_cases(place: Workplace, as_of: date, at: datetime) -> dict[str, object]:
    """Judge the cases whose wait is over on ``at``, by what was known on ``as_of``.

    Raises:
        UsageError: The day lies before the end of a wait, or after the moment of recording.
    """
    import pandas as pd

    from models.labels import group_transfer
    from models.outcomes import member_outcomes
    from serving.casebook.verdicts import verdicts

    if as_of > at.date():
        raise UsageError(f"What was known on {as_of} cannot be recorded on {at:%Y-%m-%d}.")
    cases = place.casebook.to_verify(at)
    days, settings = sorted(set(cases["as_of"])), place.settings.casebook
    if days and (as_of - days[-1]).days < settings.verify_days:
        raise UsageError(
            f"On {as_of} the {settings.verify_days} days after the list of {days[-1]} are not "
            "over: give a later --as-of."
        )
    rule = replace(
        place.group_label, gap_days=0, horizon_days=settings.verify_days, maturity_days=0
    )
    tiers = set(cases["tier"].dropna())
    told = [
        group_transfer(member_outcomes(place.tables, [day], rule, tiers=tiers, known=as_of), rule)
        for day in days
    ]
    results = verdicts(cases, pd.concat(told), settings.danger_share) if told else {}
    done = place.casebook.close_verified(results, at)
    return {
        "as_of": as_of,
        "judged": done.judged,
        "closed": done.closed,
        **dict(sorted(Counter(results.values()).items())),
    }
