"""Silent diversion: a lasting fall of outgoing minutes, since when, and with what evidence.

The rule is DIVERTED of the survey of best practice, 4.2: r at most .5 of the own baseline with the
season taken out for three dekads in a row or more (``turns.LOW``, ``turns.DEKADS``), and one of
E1 to E5 (``evidence``).
"""

from __future__ import annotations

import narwhals as nw

from features.definition import member_feature
from features.expressions import flag
from features.member.evidence import TURNS
from features.reasons import Reason

ONE_MONTH, MOST_DAYS = 28, 200
"""Three dekads at least, fifteen (or four months) at most, and the days since the newest ended."""


def days_since_first(run: nw.Expr, age: nw.Expr, length: nw.Expr, end: nw.Expr) -> nw.Expr:
    """Days since the first day of the oldest period of a run; unknown without a run."""
    return -nw.when(age < run).then(end - length + 1).min()


@member_feature(
    over=TURNS,
    unit="days",
    between=(ONE_MONTH, MOST_DAYS),
    family="usage",
    reason=Reason.DIVERSION,
    raises=(
        "打出降至原水平一半以下已{value:.0f}天",
        "outgoing minutes at half their level or less for {value:.0f} days",
    ),
)
def outgoing_low_days(
    run: nw.Expr, age: nw.Expr, period_days: nw.Expr, days_to_period_end: nw.Expr
) -> nw.Expr:
    """Days since outgoing minutes fell to half of the baseline and stayed there; unknown if not.

    From the first day of the first low dekad of the present run of three or more (of the first low
    month where there are no dekads).
    """
    return days_since_first(run, age, period_days, days_to_period_end)


@member_feature(
    over=TURNS,
    unit="days",
    between=(ONE_MONTH, MOST_DAYS),
    family="usage",
    reason=Reason.DIVERSION,
    raises=(
        "打出降至原水平七成以下已{value:.0f}天",
        "outgoing minutes at seven tenths of their level or less for {value:.0f} days",
    ),
)
def outgoing_reduced_days(
    mild_run: nw.Expr, age: nw.Expr, period_days: nw.Expr, days_to_period_end: nw.Expr
) -> nw.Expr:
    """Days since outgoing minutes fell below seven tenths of the baseline; unknown if not.

    As ``outgoing_low_days`` at the depth under which a member is no longer said to stay: many who
    carry a second SIM keep more than half of their calls with us.
    """
    return days_since_first(mild_run, age, period_days, days_to_period_end)


@member_feature(
    over=TURNS,
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    family="usage",
    reason=Reason.DIVERSION,
    raises=(
        "打出连续三旬以上低于原水平七成",
        "three dekads or more below seven tenths of the former outgoing minutes",
    ),
    lowers=("打出未见持续下降", "no lasting fall of outgoing minutes"),
)
def outgoing_reduced(mild_run: nw.Expr) -> nw.Expr:
    """A run of three dekads or more (a month) at most seven tenths of the baseline goes on."""
    return flag(mild_run.max().fill_null(0) > 0)


@member_feature(
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    family="usage",
    reason=Reason.DIVERSION,
    raises=(
        "打出连续三旬以上低于原水平一半且有分流迹象",
        "three dekads or more at half the former outgoing minutes, with a sign of diversion",
    ),
    lowers=("未判为静默分流", "not judged to divert silently"),
)
def diverting(
    outgoing_low_days: nw.Expr, outgoing_reduced: nw.Expr, evidence_count: nw.Expr
) -> nw.Expr:
    """Outgoing minutes at half the baseline or less for three dekads or more, and a sign of it.

    The rule of the survey of best practice, 4.2; the signs are the five that ``evidence_count``
    counts. Unknown where no minutes are known at all.
    """
    low = ~outgoing_low_days.is_null()
    judged = nw.when(~outgoing_reduced.is_null()).then(low & (evidence_count > 0))
    return flag(judged)


@member_feature(
    unit="days",
    between=(ONE_MONTH, MOST_DAYS),
    family="usage",
    reason=Reason.DIVERSION,
    raises=("静默分流已{value:.0f}天", "has diverted silently for {value:.0f} days"),
)
def diverting_days(diverting: nw.Expr, outgoing_low_days: nw.Expr) -> nw.Expr:
    """Days since the onset of a silent diversion; unknown where there is none.

    The onset is the first day of the first low dekad of the present run.
    """
    return nw.when(diverting == 1).then(outgoing_low_days)
