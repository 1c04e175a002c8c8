"""Blue alerts: what is due in the ordinary course of business, for a call or a message."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd

from features.definition import Text
from serving.alerting.triggers import COLUMNS, in_order
from serving.alerting.why import day_text, yuan

ALERT_FEATURES = (
    "members",
    "ending_share",
    "days_to_letter_end",
    "tier_rise",
    "months_since_tier_change",
    "unified_pay_fall",
    "visits",
)
"""Group features that the alerts read; those without their table stay unknown."""
Row = Mapping[Any, Any]


@dataclass(frozen=True)
class BusinessRules:
    """When something is due.

    Attributes:
        ending_share: Share of the members whose contract ends within 60 days without a next one.
        ending_members: And at least this many of them.
        letter_days: A letter of authorisation is told of this many days before it ends.
        lapsed_days: And for this many days after it ended without a next one.
        arrears_fen: The group's own account owes at least this much.
        downgrade_months: Months for which a lower tier is told.
        unified_pay_fall: Share by which what the company pays for its members fell.
        visits_a: Visits in 90 days below which an A group, or one of the double top 100, is not
            served as promised.
        visits_b: The same for a B group.
        low_bill_fen: Bill of a month below which a member of the year's frozen base loses value.
        low_bill_share: Share of the group's members of the base, of those who stood at or above it
            when the base was frozen, whose newest bill fell below.
        low_bill_members: And at least this many of them.
    """

    ending_share: float
    ending_members: int
    letter_days: int
    lapsed_days: int
    arrears_fen: int
    downgrade_months: int
    unified_pay_fall: float
    visits_a: int
    visits_b: int
    low_bill_fen: int
    low_bill_share: float
    low_bill_members: int


def business_alerts(groups: pd.DataFrame, rules: BusinessRules, as_of: date) -> pd.DataFrame:
    """What is due at each group.

    Args:
        groups: One row a group: ``group_id``, ``tier``, ``double_top100``, ``ALERT_FEATURES``,
            ``arrears_fen`` and, of the frozen base, ``base_members`` and ``low_bill_members`` (who
            fell below in the newest month); what is absent or unknown is due nowhere.
        rules: Limits.
        as_of: Day of the list.

    Returns:
        As ``serving.alerting.triggers.hard_triggers``, at level blue; ``since`` is the day of
        the list and ``until`` the day on which it ends by itself, where it does.
    """
    rows = []
    numbers = ["arrears_fen", *ALERT_FEATURES, *_BASE]
    told = groups.reindex(columns=["group_id", "tier", "double_top100", *numbers])
    # An unknown number is NaN, which no limit holds for; None cannot be compared at all.
    told[numbers] = told[numbers].astype("Float64").astype("float64")
    for row in told.to_dict("records"):
        for kind, text, until in _due(row, rules, as_of):
            rows.append((row["group_id"], kind, "blue", as_of, text.zh, text.en, until))
    return in_order(pd.DataFrame(rows, columns=COLUMNS).astype(object))


_BASE = ("base_members", "low_bill_members")
_Alert = Callable[[Row, BusinessRules, date], "tuple[Text, date | None] | None"]


def _due(row: Row, rules: BusinessRules, as_of: date) -> Iterator[tuple[str, Text, date | None]]:
    for kind, alert in ALERTS.items():
        if found := alert(row, rules, as_of):
            yield kind, *found


def _contracts_ending(
    row: Row, rules: BusinessRules, as_of: date
) -> tuple[Text, date | None] | None:
    share, members = row["ending_share"], row["members"]
    ending = round(share * members) if share >= rules.ending_share and members >= 1 else 0
    if ending < rules.ending_members:
        return None
    text = Text(
        f"60天内{ending}名成员合约到期（占{share:.0%}），尚未续约",
        f"the contracts of {ending} members ({share:.0%}) end within 60 days without a next one",
    )
    return text, None


def _letter_ending(row: Row, rules: BusinessRules, as_of: date) -> tuple[Text, date | None] | None:
    days = row["days_to_letter_end"]
    if not -rules.lapsed_days < days <= rules.letter_days:
        return None
    ends = as_of + timedelta(days=int(days))
    day = day_text(ends, as_of)
    if days > 0:
        text = Text(
            f"授权书{day.zh}到期，须续签", f"the letter of authorisation ends on {day.en}: renew it"
        )
        return text, ends
    text = Text(
        f"授权书已于{day.zh}到期，联系人无法办理业务",
        f"the letter of authorisation ended on {day.en}: nobody may sign",
    )
    return text, as_of + timedelta(days=int(days) + rules.lapsed_days)


def _arrears(row: Row, rules: BusinessRules, as_of: date) -> tuple[Text, date | None] | None:
    if not row["arrears_fen"] >= rules.arrears_fen:
        return None
    owed = yuan(row["arrears_fen"])
    return Text(f"集团账户欠费{owed.zh}", f"the group's account owes {owed.en}"), None


def _tier_down(row: Row, rules: BusinessRules, as_of: date) -> tuple[Text, date | None] | None:
    months = row["months_since_tier_change"]
    if not (row["tier_rise"] < 0 and months <= rules.downgrade_months):
        return None
    text = Text(
        f"{months:.0f}个月前集团级别下调至{row['tier']}",
        f"its tier fell to {row['tier']}, {months:.0f} months ago",
    )
    return text, None


def _unified_pay_falls(
    row: Row, rules: BusinessRules, as_of: date
) -> tuple[Text, date | None] | None:
    fall = row["unified_pay_fall"]
    if not fall >= rules.unified_pay_fall:
        return None
    text = Text(
        f"统付收入较前三月下降{fall:.0%}",
        f"what the company pays for its members fell by {fall:.0%} against three months",
    )
    return text, None


def _too_few_visits(row: Row, rules: BusinessRules, as_of: date) -> tuple[Text, date | None] | None:
    tier, visits = str(row["tier"])[:1], row["visits"]
    standard = {"A": rules.visits_a, "B": rules.visits_b}.get(tier, 0)
    standard = rules.visits_a if row["double_top100"] is True else standard
    if not visits < standard:
        return None
    text = Text(
        f"近90天走访{visits:.0f}次，低于{standard}次的服务标准",
        f"{visits:.0f} visits in 90 days, the standard is {standard}",
    )
    return text, None


def _bills_low(row: Row, rules: BusinessRules, as_of: date) -> tuple[Text, date | None] | None:
    base, low = row["base_members"], row["low_bill_members"]
    if not (low >= rules.low_bill_members and low >= rules.low_bill_share * base):
        return None
    limit = yuan(rules.low_bill_fen)
    text = Text(
        f"{base:.0f}名拍照成员中{low:.0f}名最近一月账单跌破{limit.zh}",
        f"the newest bill of {low:.0f} of its {base:.0f} members of the frozen base fell below "
        f"{limit.en}",
    )
    return text, None


ALERTS: Mapping[str, _Alert] = {
    "contracts_ending": _contracts_ending,
    "letter_ending": _letter_ending,
    "arrears": _arrears,
    "tier_down": _tier_down,
    "unified_pay_falls": _unified_pay_falls,
    "too_few_visits": _too_few_visits,
    "bills_low": _bills_low,
}
"""What can be due, by the name of the trigger."""
