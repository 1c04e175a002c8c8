"""Where a group has been heading for half a year: slopes of what is used and paid per member."""

from __future__ import annotations

import narwhals as nw

from features.definition import Window, group_feature
from features.expressions import slope
from features.reasons import Reason

USAGE = Window("usage_month", lookback=6, through="members")
BILLS = Window("bill_month", lookback=6, through="members")
STEEPEST = 10


@group_feature(
    over=USAGE,
    unit="1/month",
    pivot=0,
    between=(-STEEPEST, STEEPEST),
    direction=-1,
    family="usage",
    reason=Reason.DIVERSION,
    raises=(
        "近六月人均打出月均上升约{size:.1%}",
        "outgoing minutes per member up about {size:.1%} a month",
    ),
    lowers=(
        "近六月人均打出未上升,月均降约{size:.1%}",
        "outgoing minutes per member not up (about {size:.1%} lower a month)",
    ),
)
def group_out_slope(mou_out_m: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Slope of the logarithm of outgoing minutes per member over six closed months."""
    return slope(mou_out_m, age)


@group_feature(
    over=USAGE,
    unit="1/month",
    pivot=0,
    between=(-STEEPEST, STEEPEST),
    direction=-1,
    family="vpmn",
    reason=Reason.VPMN,
    raises=(
        "近六月人均V网分钟月均上升约{size:.1%}",
        "V-net minutes per member up about {size:.1%} a month",
    ),
    lowers=(
        "近六月人均V网分钟未上升,月均降约{size:.1%}",
        "V-net minutes per member not up (about {size:.1%} lower a month)",
    ),
)
def group_vnet_slope(vnet_out_m: nw.Expr, vnet_in_m: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Slope of the logarithm of V-net minutes per member over six closed months."""
    return slope(vnet_out_m + vnet_in_m, age)


@group_feature(
    over=BILLS,
    unit="1/month",
    pivot=0,
    between=(-STEEPEST, STEEPEST),
    direction=-1,
    family="billing",
    reason=Reason.PRICE,
    raises=(
        "近六月人均出账月均上升约{size:.1%}",
        "the bill per member up about {size:.1%} a month",
    ),
    lowers=(
        "近六月人均出账未上升,月均降约{size:.1%}",
        "the bill per member not up (about {size:.1%} lower a month)",
    ),
)
def group_arpu_slope(arpu_fen: nw.Expr, age: nw.Expr) -> nw.Expr:
    """Slope of the logarithm of the bill per member over six closed months."""
    return slope(arpu_fen, age)
