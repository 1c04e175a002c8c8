"""What member models learn: who leaves, who diverts, and who has diverted before it can be told.

A silent diversion shows in full only months later. Who had diverted by a scoring day is therefore
told from what became of the members as they stood some time before, as established since.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from models.hazards import KEY, Hazard
from models.labels import LabelRule, member_churn, member_divert

CHURN, DIVERT, DIVERTED = "churn", "divert", "diverted"


def member_hazards(churn: LabelRule, divert: LabelRule, back_days: int) -> tuple[Hazard, ...]:
    """The hazards of a member, each with the day on which its label is known.

    All labels are read off outcomes that are established when the longer of both rules matures.

    Args:
        churn: Rule of ``L_member_churn``.
        divert: Rule of ``L_member_divert``; the outcomes are made with it.
        back_days: As for ``already_diverted``.
    """
    days, version = divert.matures_after, divert.version.rpartition("/")[2]
    return (
        Hazard(CHURN, churn.version, max(days, churn.matures_after)),
        Hazard(DIVERT, f"L_member_divert_{divert.horizon_days}/{version}", days),
        Hazard(DIVERTED, f"L_member_diverted_{back_days}/{version}", days - back_days),
    )


def hazard_labels(
    outcomes: pd.DataFrame,
    days: Sequence[date],
    churn: LabelRule,
    divert: LabelRule,
    back_days: int,
) -> pd.DataFrame:
    """The labels of ``member_hazards``, as ``rolling_scores`` takes them.

    Args:
        outcomes: From ``models.outcomes.member_outcomes``, made with the rule ``divert``.
        days: The scoring days.
        churn: Rule of ``L_member_churn``.
        divert: Rule of ``L_member_divert``.
        back_days: As for ``already_diverted``.

    Returns:
        ``as_of``, ``user_id``, ``churn``, ``divert``, ``diverted``: 0, 1, or NaN where a member was
        not at risk, or nothing is established.
    """
    made = {
        CHURN: member_churn(outcomes, churn),
        DIVERT: member_divert(outcomes, divert),
        DIVERTED: already_diverted(outcomes, days, back_days),
    }
    labels = pd.concat([label[KEY] for label in made.values()]).drop_duplicates()
    for name, label in made.items():
        found = label[[*KEY, "label"]].rename(columns={"label": name})
        labels = labels.merge(found, how="left", on=KEY, validate="1:1")
    return labels.sort_values(KEY, ignore_index=True).astype(dict.fromkeys(made, np.float64))


def already_diverted(outcomes: pd.DataFrame, days: Sequence[date], back_days: int) -> pd.DataFrame:
    """Who had diverted by each day, of those who had not some time before it.

    Args:
        outcomes: From ``models.outcomes.member_outcomes``.
        days: The scoring days.
        back_days: A day's members are looked up in the outcomes of the newest day at least so long
            before it. What is established of those is known so many days earlier after the day.

    Returns:
        ``as_of``, ``user_id``, ``label``: 1 where a diversion began by the day, 0 where none did.
        Members who had gone by the day, or had diverted before, are left out.
    """
    looked_up = sorted(outcomes["as_of"].unique())
    parts = [pd.DataFrame({"as_of": [], "user_id": [], "label": []})]
    for day in sorted(set(days)):
        before = [earlier for earlier in looked_up if earlier + timedelta(back_days) <= day]
        if before:
            then = outcomes[outcomes["as_of"] == before[-1]]
            began = then["onset"] <= (day - before[-1]).days
            diverted = (then["state"] == "diverted") & began
            left = then["state"].isin(["lost", "rotated", "involuntary"]) & began
            kept = then["undiverted"] & ~left
            label = diverted[kept].astype(np.int64)
            parts.append(then.loc[kept, ["user_id"]].assign(as_of=day, label=label))
    return pd.concat(parts[1:] or parts, ignore_index=True)[["as_of", "user_id", "label"]]
