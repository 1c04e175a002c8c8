"""What the hazards of its members say of a group: features that models made, not the operator.

They are written like any feature (``features.definition``), so that reasons can be put into their
words, but stand outside the catalogue: without the member models they cannot be computed.
Scores are whole millionths here: sums of integers are exact, whatever the order of rows.
"""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw
import pandas as pd
import pyarrow as pa

from features.catalog import FEATURES
from features.definition import Feature, Window, group_feature
from features.expressions import share
from features.reasons import Reason
from features.tables import Tables, as_pandas
from models.errors import FeatureError
from models.hazard_labels import CHURN, DIVERT, DIVERTED

SCORES = Window("member_scores")
"""Rows of ``models.hazards.rolling_scores``, in millionths."""
MILLION = 1_000_000
FOREMOST = 3
"""Losing fewer members than this is no transfer (survey of best practice, 4.3)."""
GROUP = ["as_of", "group_id"]


@group_feature(
    over=SCORES,
    unit="probability",
    between=(0, 1),
    family="contagion",
    reason=Reason.CONTAGION,
    raises=(
        "成员30天内离网的平均概率为{value:.1%}",
        "a member leaves within 30 days with a chance of {value:.1%} on average",
    ),
)
def member_churn_mean(churn: nw.Expr) -> nw.Expr:
    """Chance that a member leaves (L_member_churn), by the member model: the members' average."""
    return share(churn.sum(), of=churn.count() * MILLION)


@group_feature(
    over=SCORES,
    unit="probability",
    between=(0, 1),
    family="usage",
    reason=Reason.DIVERSION,
    raises=(
        "成员60天内分流的平均概率为{value:.1%}",
        "a member diverts within 60 days with a chance of {value:.1%} on average",
    ),
)
def member_divert_mean(divert: nw.Expr) -> nw.Expr:
    """Chance that a member diverts (L_member_divert), by the member model: the members' average."""
    return share(divert.sum(), of=divert.count() * MILLION)


@group_feature(
    over=SCORES,
    unit="share",
    between=(0, 1),
    family="usage",
    reason=Reason.DIVERSION,
    raises=(
        "估计已有{value:.1%}的成员把话务分流至异网",
        "an estimated {value:.1%} of the members have already taken their calls to a rival",
    ),
)
def member_diverted_mean(diverted: nw.Expr) -> nw.Expr:
    """Share of the members that have diverted by now, as the member model expects it."""
    return share(diverted.sum(), of=diverted.count() * MILLION)


@group_feature(
    over=SCORES,
    unit="probability",
    between=(0, 1),
    family="usage",
    reason=Reason.DIVERSION,
    raises=(
        "最可疑的三名成员已分流的平均概率为{value:.0%}",
        "the three likeliest members have already diverted with a chance of {value:.0%} each",
    ),
)
def member_diverted_foremost(diverted: nw.Expr, diverted_place: nw.Expr) -> nw.Expr:
    """Chance that a member has diverted by now, the average of the three likeliest."""
    foremost = nw.when(diverted_place <= FOREMOST).then(diverted)
    return share(foremost.sum(), of=foremost.count() * MILLION)


HAZARD_FEATURES: Mapping[str, Feature] = {
    feature.name: feature
    for feature in (
        member_churn_mean,
        member_divert_mean,
        member_diverted_mean,
        member_diverted_foremost,
    )
}
"""By name."""
READABLE: Mapping[str, Feature] = {**FEATURES, **HAZARD_FEATURES}
"""All that a group's model may read, by name: the catalogue, and these."""


def group_hazards(tables: Tables, scores: pd.DataFrame) -> pd.DataFrame:
    """The features of each group from the scores of its members.

    Args:
        tables: For their engine; none of them is read.
        scores: ``as_of``, ``user_id``, ``group_id``, ``churn``, ``divert`` and ``diverted``, from
            ``models.hazards.rolling_scores`` or of the newest models; NaN where unknown.

    Returns:
        One row a day and group, sorted: ``as_of``, ``group_id`` and ``HAZARD_FEATURES``, float64,
        NaN where no member has a score.

    Raises:
        FeatureError: A score is missing, or is no probability.
    """
    hazards = [CHURN, DIVERT, DIVERTED]
    if missing := [name for name in hazards if name not in scores.columns]:
        raise FeatureError(f"member scores: {', '.join(missing)} missing; score the members again")
    known = scores[hazards]
    if not ((known >= 0) & (known <= 1) | known.isna()).all(axis=None):
        raise FeatureError("member scores: a score lies outside 0 to 1; score the members again")
    rows = scores[GROUP].assign(
        **{name: (scores[name] * MILLION).round().astype("Int64") for name in hazards}
    )
    place = rows.groupby(GROUP)[DIVERTED].rank(method="first", ascending=False)
    rows = rows.assign(diverted_place=place.astype("Int64"))
    brought = tables.bring(pa.Table.from_pandas(rows, preserve_index=False))
    formulas = {
        name: feature.formula(*(nw.col(column) for column in feature.inputs))
        for name, feature in HAZARD_FEATURES.items()
    }
    found = as_pandas(brought.group_by(*GROUP).agg(**formulas), *GROUP)
    return found.astype(dict.fromkeys(HAZARD_FEATURES, "float64"))
