"""What the tables say happened to groups, each with its kind, its day and a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import pandas as pd

from features.definition import Text
from serving.alerting.why import day_text
from serving.alerting.words import AGREEMENT, LEVERS, OUTCOME, RIVAL, ROLE

GONE = ("off", "retention", "double_stop")
"""States in which a number no longer calls."""


class Periods(Protocol):
    """What is read of ``serving.alerting.triggers.TriggerRules``."""

    @property
    def days(self) -> int: ...
    @property
    def oldest_days(self) -> int: ...
    @property
    def lost_reasons(self) -> Sequence[str]: ...
    @property
    def binding_levers(self) -> Sequence[str]: ...
    @property
    def vnet_members(self) -> int: ...
    @property
    def vnet_share(self) -> float: ...


@dataclass(frozen=True)
class Found:
    """Something that happened to a group; ``since`` is the day on which it became known."""

    group_id: str
    kind: str
    since: date
    text: Text


def lost_key_people(rows: pd.DataFrame | None, rules: Periods, as_of: date) -> list[Found]:
    """Key people who left the group for a rival or went off the network."""
    if rows is None or rows.empty:
        return []
    left = _days(rows["valid_to"])
    ended = left.map(lambda day: day <= as_of)
    off = rows["status"].isin(GONE)
    to_rival = rows["leave_reason"].isin(list(rules.lost_reasons))
    lost = rows.assign(
        on=left.where(ended, _days(rows["status_time"])),
        since=_days(rows["load_time"]).where(ended, _days(rows["status_time"])),
    )[(ended & (to_rival | off)) | (~ended & off)]
    lost = lost[_recent(lost["on"], rules.oldest_days, as_of)]
    lost = lost[_recent(lost["since"], rules.days, as_of)]
    found = []
    for group_id, people in lost.groupby("group_id", sort=True):
        deciders = people[people["member_role"].isin(["key_person", "contact"])]
        if deciders["user_id"].nunique() > 1:
            found.append(_lost(group_id, "several_key_lost", deciders, as_of))
            continue
        for role, some in people.groupby("member_role", sort=True):
            found.append(_lost(group_id, f"{role}_lost", some, as_of))
    return found


def _lost(group_id: Any, kind: str, people: pd.DataFrame, as_of: date) -> Found:
    newest = people.sort_values(["since", "on", "user_id"], ascending=[False, False, True])
    one, count = newest.iloc[0], newest["user_id"].nunique()
    role, day = ROLE[one["member_role"]], day_text(one["on"], as_of)
    others = Text(f"（共{count}名关键人员）", f" ({count} key people in all)")
    more = others if count > 1 else Text("", "")
    return Found(
        str(group_id),
        kind,
        one["since"],
        Text(
            f"{role.zh}{one['user_id']}于{day.zh}离网{more.zh}",
            f"{role.en} {one['user_id']} left the network on {day.en}{more.en}",
        ),
    )


def dissolved_vnets(rows: pd.DataFrame | None, rules: Periods, as_of: date) -> list[Found]:
    """V-nets of some size most of which ended within the days that count."""
    if rows is None or rows.empty:
        return []
    ended = rows["before"] - rows["left"]
    dissolved = rows[
        rows["before"].ge(rules.vnet_members) & ended.ge(rules.vnet_share * rows["before"])
    ]
    found = []
    for row in dissolved.to_dict("records"):
        on = pd.Timestamp(row["last_end"]).date()
        day = day_text(on, as_of)
        found.append(
            Found(
                str(row["group_id"]),
                "vnet_dissolved",
                on,
                Text(
                    f"V网解散：{rules.days}天内由{row['before']}户减至{row['left']}户，{day.zh}最近一次退订",
                    f"V-net dissolved: from {row['before']} to {row['left']} lines in "
                    f"{rules.days} days, the last on {day.en}",
                ),
            )
        )
    return found


def broken_agreements(rows: pd.DataFrame | None, as_of: date) -> list[Found]:
    """Agreements that groups broke."""
    if rows is None:
        return []
    found = []
    for row in rows.to_dict("records"):
        on = pd.Timestamp(row["status_time"]).date()
        day, kind = day_text(on, as_of), AGREEMENT[str(row["type"])]
        text = Text(f"{kind.zh}于{day.zh}违约解除", f"{kind.en} was broken on {day.en}")
        found.append(Found(str(row["group_id"]), "agreement_broken", on, text))
    return found


def attacks(rows: pd.DataFrame | None, rules: Periods, as_of: date) -> list[Found]:
    """Attacks as reported. One that is said to be lost needs no alert: the group has gone."""
    if rows is None:
        return []
    found = []
    for row in rows.to_dict("records"):
        reported, outcome = pd.Timestamp(row["report_date"]).date(), row["outcome_claimed"]
        if outcome == "lost" or (as_of - reported).days >= rules.oldest_days:
            continue
        since = pd.Timestamp(row["load_time"]).date()
        text = _attack_text(row, reported, as_of)
        found.append(Found(str(row["group_id"]), _attack_kind(row, rules), since, text))
    return found


def _attack_kind(row: Mapping[Any, Any], rules: Periods) -> str:
    if row["outcome_claimed"] == "repelled":
        return "attack_reported"
    if row["intent_survey"] == "yes":
        return "attack_intent"
    if set(str(row["lever"]).split("|")) & set(rules.binding_levers):
        return "attack_bound"
    return "attack_open" if row["outcome_claimed"] == "pending" else "attack_reported"


def _attack_text(row: Mapping[Any, Any], reported: date, as_of: date) -> Text:
    levers = [LEVERS[code] for code in str(row["lever"]).split("|") if code in LEVERS]
    zh, en = "、".join(x.zh for x in levers), ", ".join(x.en for x in levers)
    day, rival = day_text(reported, as_of), RIVAL.get(row["rival"], Text("异网", "a rival"))
    ended = OUTCOME.get(row["outcome_claimed"], Text("", ""))
    intent = row["intent_survey"] == "yes"
    means = Text("，集团表示有意转网", ", and the group says it means to switch")
    said = means if intent else Text("", "")
    return Text(
        f"{day.zh}上报{rival.zh}进攻（{zh}）{ended.zh}{said.zh}",
        f"attack by {rival.en} reported on {day.en} ({en}){ended.en}{said.en}",
    )


def mentions(rows: pd.DataFrame | None, rules: Periods, as_of: date) -> list[Found]:
    """Visits at which the customer mentioned a rival."""
    if rows is None:
        return []
    heard = rows[rows["result"].eq("rival_mention")]
    heard = heard[_recent(_days(heard["visit_date"]), rules.oldest_days, as_of)]
    found = []
    for row in heard.to_dict("records"):
        day = day_text(pd.Timestamp(row["visit_date"]).date(), as_of)
        text = Text(
            f"{day.zh}走访时客户提到竞争对手", f"a rival was mentioned at the visit of {day.en}"
        )
        since = pd.Timestamp(row["load_time"]).date()
        found.append(Found(str(row["group_id"]), "rival_mentioned", since, text))
    return found


def confirmed_attacks(rows: pd.DataFrame | None, as_of: date) -> list[Found]:
    """Attacks that an account manager confirmed when he worked one of our own alerts."""
    if rows is None:
        return []
    heard = rows[rows["feedback"].eq("competitor_confirmed")].dropna(
        subset=["group_id", "feedback_time"]
    )
    found = []
    for row in heard.to_dict("records"):
        on = pd.Timestamp(row["feedback_time"]).date()
        day = day_text(on, as_of)
        text = Text(
            f"{day.zh}工单反馈确认竞争对手进攻", f"feedback of {day.en} confirms a rival's attack"
        )
        found.append(Found(str(row["group_id"]), "attack_open", on, text))
    return found


def _recent(days: pd.Series[Any], within: int, as_of: date) -> pd.Series[bool]:
    return days.map(lambda day: pd.notna(day) and 0 <= (as_of - day).days < within).astype(bool)


def _days(moments: pd.Series[Any]) -> pd.Series[Any]:
    # Open intervals end in 9999, which only fits where a moment counts microseconds.
    cast = pd.to_datetime(moments).astype("datetime64[us]")
    return cast.dt.date.astype(object)
