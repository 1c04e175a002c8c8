"""On which level each group stands, and in what order the list takes them.

A C group's level comes from its calibrated risk and its expected loss; A, B and double-top-100
groups, of which the model of C groups knows nothing, are judged by points of the rules. What
happened to a group (``serving.alerting.triggers``) overrides its score. Then a group that was just
alerted keeps its level for one list, a case just closed is left in peace, and each county's
capacity caps what is red and orange.
"""

from __future__ import annotations

from datetime import date
from typing import cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from serving.alerting.history import before, cooling
from serving.alerting.level_rules import BY_SEVERITY, SEVERITY, LevelRules, Limits, LossLimits, room
from serving.alerting.why import why
from serving.errors import ListError
from serving.facts import is_large

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
RISK = ("none", "yellow", "orange", "red")
"""The levels that a risk can reach, one step after the other."""
FACTS = ["group_id", "tier", "county_id", "monthly_revenue_fen", "key_members_diverting"]
"""What is read of the facts, beside whether the group is large."""
COLUMNS = [
    "group_id",
    "tier",
    "method",
    "level",
    "level_before",
    "level_why_zh",
    "level_why_en",
    "trigger",
    "priority",
    "new_since",
    "times_listed",
]
_SEVERITY_OF_STEP = np.array([SEVERITY[level] for level in RISK])
_STEP_OF = {level: step for step, level in enumerate(RISK)}


def levels(
    scores: pd.DataFrame,
    facts: pd.DataFrame,
    triggers: pd.DataFrame,
    rules: LevelRules,
    as_of: date,
    *,
    history: pd.DataFrame | None = None,
    cases: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The level of every scored group and of every large one; the order of rows does not matter.

    Args:
        scores: Of ``serving.scoring``, C groups by model or rules and large groups by rules:
            ``group_id``, ``method``, ``probability``, ``points``; ``share_lost`` may be absent.
            What a model says of a large group is not read.
        facts: Of ``serving.facts``, at least for every scored group.
        triggers: Of ``serving.alerting.triggers``; those of other groups are not read.
        rules: Limits, caps and the rest.
        as_of: Day of the list.
        history: Rows of lists published before: ``group_id``, ``as_of``, ``level``,
            ``probability``, ``times_listed``, ``first_listed``; ``rules_points`` may be absent.
            None on the first list.
        cases: Table alert_case as known on the day; None without one.

    Returns:
        One row a group, sorted by id: ``group_id``, ``tier``, ``method`` (as the scores say, or
        trigger where a trigger made the level), ``level`` (red, orange, yellow, blue, none),
        ``level_before`` (on the list before; none where it was not alerted), ``level_why_zh`` and
        ``level_why_en`` (empty where there is nothing to tell), ``trigger`` (the gravest, empty
        without one), ``priority`` (larger is more urgent; whole numbers are levels, the rest grows
        with the money at stake), ``new_since`` (day of the first list of this run of alerts) and
        ``times_listed`` (lists of this run, this one included; 0 without an alert).

    Raises:
        ListError: Nothing is known of a scored group, or a C group stands twice in the scores.
    """
    groups = _scored(scores, facts, rules)
    past = before(groups, history, as_of, rules.hysteresis)
    told = _gravest(triggers, groups["group_id"])
    groups = groups.assign(**past, **told)
    groups = groups.assign(**_by_risk(groups, rules))
    groups = groups.assign(wanted=_wanted(groups))
    groups = groups.assign(**cooling(groups, cases, as_of, rules.cool_down_days))
    groups["wanted"] = groups["wanted"].where(~groups["cooled"], 0)
    groups["at_stake"] = _at_stake(groups, rules)
    groups["final"] = _capped(groups, rules)
    return _put_into_words(groups, triggers, rules, as_of)


def expected_loss(scores: pd.DataFrame, revenue_fen: pd.Series[int], loss: LossLimits) -> Floats:
    """Fen that are lost on average: probability x months x monthly revenue x share that goes.

    Args:
        scores: ``probability`` and, where the model knows it, ``share_lost``.
        revenue_fen: Monthly revenue, row for row; NaN comes out where it is unknown.
        loss: Months and share.
    """
    return _numbers(scores["probability"]) * _value(scores, revenue_fen, loss)


def _value(scores: pd.DataFrame, revenue_fen: pd.Series[int], loss: LossLimits) -> Floats:
    share = _numbers(scores.get("share_lost", pd.Series(np.nan, index=scores.index)))
    share = np.where(np.isnan(share), loss.revenue_share, share)
    return loss.months * share * _numbers(revenue_fen)


def _scored(scores: pd.DataFrame, facts: pd.DataFrame, rules: LevelRules) -> pd.DataFrame:
    """Every scored C group and every large group of the facts, with the risk that is read."""
    if unknown := sorted(set(scores["group_id"]) - set(facts["group_id"]))[:3]:
        raise ListError(
            f"scored groups without a snapshot: {', '.join(unknown)}; compute scores and facts "
            "from the same tables and day"
        )
    known = facts.reindex(columns=FACTS).assign(large=is_large(facts))
    large = set(known.loc[known["large"], "group_id"])
    by_rules = scores["method"].eq("rules")
    read = scores[~scores["group_id"].isin(large) | by_rules]
    own = read[read["group_id"].isin(large)].drop_duplicates("group_id")
    small = read[~read["group_id"].isin(large)]
    if twice := sorted(set(small.loc[small["group_id"].duplicated(), "group_id"]))[:3]:
        raise ListError(f"scores: group_id stands more than once: {', '.join(twice)}")
    columns = ["group_id", "method", "probability", "points", "share_lost"]
    rows = pd.concat([small, own]).reindex(columns=columns)
    kept = known[known["large"] | known["group_id"].isin(set(rows["group_id"]))]
    groups = kept.merge(rows, how="left", on="group_id", validate="1:1")
    groups = groups.sort_values("group_id", ignore_index=True)
    groups["method"] = groups["method"].fillna("rules")
    groups["by_points"] = groups["method"].eq("rules")
    groups["risk"] = np.where(
        groups["by_points"], _numbers(groups["points"]), _numbers(groups["probability"])
    )
    groups["loss"] = expected_loss(groups, groups["monthly_revenue_fen"], rules.loss)
    return groups


def _by_risk(groups: pd.DataFrame, rules: LevelRules) -> dict[str, Ints | npt.NDArray[np.bool_]]:
    """Steps that the score alone reaches, and what moved them."""
    risk, limits = _numbers(groups["risk"]), _limits(groups, rules)
    drawn = (np.nan_to_num(risk, nan=-1.0)[:, None] >= limits).sum(axis=1)
    held = np.maximum(drawn, _held(groups, limits, rules))
    diverted = _numbers(groups["key_members_diverting"]) >= 1
    model = ~groups["by_points"].to_numpy(dtype=bool)
    key = model & diverted & (risk >= rules.key_diverted) & (held < 3)
    scored = np.where(key, 3, held)
    loss = _numbers(groups["loss"])
    too_little = (scored == 3) & (loss < rules.loss.least_red_fen)
    scored = np.where(too_little, 2, scored)
    lifted = (loss >= rules.loss.lift_fen) & (scored < 3)
    return {
        "drawn": drawn,
        "held": np.where(held > drawn, held, 0),
        "key": key,
        "too_little": too_little,
        "lifted": lifted,
        "scored": scored + lifted,
    }


def _limits(groups: pd.DataFrame, rules: LevelRules) -> Floats:
    """Yellow, orange and red limit of each group."""

    def rising(limits: Limits) -> list[float]:
        return [limits.yellow, limits.orange, limits.red]

    large = groups["large"].to_numpy(dtype=bool)[:, None]
    return np.where(large, rising(rules.large), rising(rules.small))


def _held(groups: pd.DataFrame, limits: Floats, rules: LevelRules) -> Ints:
    """The step that a group keeps because on the list before it reached the limit by its risk, and
    now falls short by no more than the margin. Who was kept then did not reach it, so that nobody
    is kept for two lists."""
    risk, risk_before = (_numbers(groups[name])[:, None] for name in ("risk", "risk_before"))
    stood = np.array([_STEP_OF.get(level, 0) for level in groups["level_before"]])[:, None]
    near = (risk < limits) & (risk >= limits * (1 - rules.hysteresis.margin))
    kept = near & (risk_before >= limits) & (stood >= np.array([[1, 2, 3]]))
    return cast(Ints, (kept * np.array([[1, 2, 3]])).max(axis=1, initial=0))


def _wanted(groups: pd.DataFrame) -> Ints:
    """Severity without cool-down and caps."""
    scored = _SEVERITY_OF_STEP[groups["scored"].to_numpy()]
    return cast(Ints, np.maximum(scored, groups["forced"].to_numpy()))


def _gravest(triggers: pd.DataFrame, groups: pd.Series[str]) -> dict[str, pd.Series]:
    """Severity, kind and day of each group's gravest trigger; the first as they are ordered."""
    ordered = triggers[triggers["group_id"].isin(set(groups))]
    first = ordered.assign(severity=ordered["level"].map(SEVERITY)).sort_values(
        ["group_id", "severity", "since", "trigger"], ascending=[True, False, False, True]
    )
    hard = first[first["severity"] > SEVERITY["blue"]]
    gravest = first.drop_duplicates("group_id").set_index("group_id")
    newest = hard.groupby("group_id")["since"].max()
    kind = groups.map(gravest["trigger"]).astype(object)
    return {
        "forced": groups.map(gravest["severity"]).fillna(0).astype("int64"),
        "trigger": kind.where(kind.notna(), None),
        "happened": pd.to_datetime(groups.map(newest)),
    }


def _at_stake(groups: pd.DataFrame, rules: LevelRules) -> Floats:
    """Expected loss by which groups of a level are ordered, from 0 to 1.

    Where a group stands in its level for another reason than its probability, the level's usual one
    stands in.
    """
    levels_wanted = [BY_SEVERITY[severity] for severity in groups["wanted"]]
    assumed = np.array(
        [
            (rules.assumed_large if large else rules.assumed_small).of(level)
            for large, level in zip(groups["large"], levels_wanted, strict=True)
        ]
    )
    own = np.nan_to_num(np.where(groups["by_points"], np.nan, groups["risk"]), nan=0.0)
    value = np.nan_to_num(_value(groups, groups["monthly_revenue_fen"], rules.loss), nan=0.0)
    lost = np.maximum(own, assumed) * np.maximum(value, 0.0)
    return cast(Floats, lost / (lost + rules.loss.lift_fen))


def _capped(groups: pd.DataFrame, rules: LevelRules) -> pd.Series[int]:
    """Severities within the caps of each county; who finds no room stands one level lower."""
    final = groups["wanted"].copy()
    small = groups[~groups["large"]]
    for _, county in small.groupby(small["county_id"].fillna(""), sort=True):
        urgent = county.sort_values(
            ["wanted", "at_stake", "group_id"], ascending=[False, False, True]
        )
        red_left = room(rules.small.most_red, len(county))
        urgent_left = room(rules.small.most_red_and_orange, len(county))
        for row, severity in zip(urgent.index, urgent["wanted"], strict=True):
            placed = int(severity)
            if placed == SEVERITY["red"] and not red_left:
                placed = SEVERITY["orange"]
            if placed >= SEVERITY["orange"] and not urgent_left:
                placed = SEVERITY["yellow"]
            red_left -= placed == SEVERITY["red"]
            urgent_left -= placed >= SEVERITY["orange"]
            final[row] = placed
    return final


def _put_into_words(
    groups: pd.DataFrame, triggers: pd.DataFrame, rules: LevelRules, as_of: date
) -> pd.DataFrame:
    by_trigger = (groups["forced"] > _SEVERITY_OF_STEP[groups["scored"]]) & groups["final"].gt(0)
    alerted = groups["final"].gt(0)
    said = why(groups.assign(by_trigger=by_trigger), triggers, rules, as_of)
    run_goes_on = alerted & groups["level_before"].ne("none")
    return groups.assign(
        method=groups["method"].mask(by_trigger, "trigger"),
        level=[BY_SEVERITY[severity] for severity in groups["final"]],
        level_why_zh=pd.Series([text and text.zh for text in said], dtype="object"),
        level_why_en=pd.Series([text and text.en for text in said], dtype="object"),
        priority=(groups["final"] + groups["at_stake"]).round(9),
        new_since=groups["first_listed"].where(run_goes_on, as_of).where(alerted, None),
        times_listed=(1 + groups["times_before"].where(run_goes_on, 0)).where(alerted, 0),
    )[COLUMNS]


def _numbers(column: pd.Series) -> Floats:
    return np.asarray(column.astype("Float64").to_numpy(na_value=np.nan), dtype=np.float64)
