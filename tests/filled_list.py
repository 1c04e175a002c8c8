"""A list with every column that a list can have, four rows of it, for tests of what is sent out."""

from __future__ import annotations

from datetime import date

import pandas as pd

from serving.alerting.level_rules import LevelLimits
from serving.casebook.rules import CaseRules, LevelRule
from serving.provenance import Provenance
from serving.risk_list import ListRules

DAY = date(2011, 1, 3)
LIST = "2011-01-03-0badc0de"

_COMMON = {
    "list_id": LIST,
    "batch_id": "2011-01-03-0123456789ab",
    "as_of": DAY,
    "tier": "C",
    "area_id": "R001A1P1",
    "county_id": "R001",
    "industry_l1": "trade",
    "am_staff_id": "S0000001",
    "owner_status": "owned",
    "route_to": "S0000001",
    "also_to": None,
    "escalate_to": "S0000009",
    "routing_why_zh": None,
    "routing_why_en": None,
    "members": 18,
    "key_members": 2,
    "method": "model",
    "level_before": "yellow",
    "level_why_zh": "转网概率24%，红色线20%",
    "level_why_en": "risk 24%, red from 20%",
    "change": "raised",
    "first_listed": date(2010, 12, 23),
    "times_listed": 2,
    "probability": 0.24,
    "probability_low": 0.17,
    "probability_high": 0.31,
    "rules_points": None,
    "share_lost": 0.6,
    "monthly_revenue_fen": 138_600,
    "revenue_at_risk_fen": 59_875,
    "expected_saved_fen": 21_030,
    "reason_1_code": "R01",
    "reason_1_zh": "话务分流：近30天打出下降52%，同类集团仅降3%",
    "reason_1_en": "traffic diversion: outgoing minutes fell 52%, those of its peers 3%",
    "reason_2_code": "R04",
    "reason_2_zh": "捆绑与到期：6名成员的合约60天内到期",
    "reason_2_en": "lock-in and its expiry: the contracts of 6 members end within 60 days",
    "reason_3_code": None,
    "reason_3_zh": None,
    "reason_3_en": None,
    "protective_zh": "V网使用：每人每月V网内通话41分钟",
    "protective_en": "V-net use: 41 minutes a member and month",
    "changed_zh": "打出降幅由20%扩大到52%，新增2名成员出现电信号码",
    "changed_en": "the fall of outgoing minutes went from 20% to 52%; 2 more members have numbers "
    "of a rival",
    "lock_share": 0.33,
    "next_expiry_date": date(2011, 1, 20),
    "ending_60_share": 1 / 3,
    "contact_can_sign": "yes",
    "contact_id": "89184445968157837",
    "letter_valid_to": date(2011, 9, 1),
    "letter_scope": "all",
    "last_visit_date": date(2010, 9, 2),
    "last_feedback": "contacted_kept",
    "action_code": "KEY_VISIT",
    "action_zh": "关键人拜访",
    "action_en": "visit the decision maker",
    "offer_zh": "存费送费，每人赠送不超过60元，在网12个月",
    "offer_en": "deposit bonus, at most 60 yuan a member, 12 months",
    "action_why_zh": "预计多留住毛利290元，成本80元",
    "action_why_en": "expected to keep 290 yuan of margin for 80 yuan",
    "ruled_out_zh": "包分钟数V网：授权书不含V网；折扣终端：成员消费不足80元",
    "ruled_out_en": "V-net by minutes: the letter does not cover it; handset: bills under 80 yuan",
    "members_to_bundle": 2,
    "bundle_members": "U0000000001 U0000000002",
    "bundle_why_zh": "合约将到期的关键成员",
    "bundle_why_en": "key members whose contract ends",
    "first_step_zh": None,
    "first_step_en": None,
    "cost_fen": 8_000,
    "net_fen": 13_030,
    "channel": "visit",
    "needs_visit": True,
    "ranked_by": "aptness",
    "trigger": None,
    "talking_zh": "先谈6名成员的续约，再问电信的报价",
    "talking_en": "begin with the 6 contracts, then ask what China Telecom offers",
    "due_date": date(2011, 1, 6),
    "feedback_due": date(2011, 1, 10),
    "feedback": None,
    "notes": None,
    "model_version": "1",
    "label_version": "L_transfer_90/1",
    "config_hash": "c0ffee",
    "data_version": "da7a",
    "data_cutoff": date(2010, 12, 31),
    "confidence": "ok",
}
_ROWS = (
    {"group_id": "89100000000002", "group_name": "东风汽配商行", "level": "red"},
    {
        "group_id": "89100000000013",
        "group_name": "新兴物流有限公司",
        "level": "orange",
        "change": "new",
        "probability": 0.14,
        "changed_zh": None,
        "changed_en": None,
        "contact_can_sign": "no",
        "letter_valid_to": None,
        "letter_scope": None,
        "last_feedback": None,
    },
    {
        "group_id": "89100000000032",
        "group_name": "城南中学",
        "level": "yellow",
        "change": "continued",
        "probability": 0.07,
        "industry_l1": "education",
        "am_staff_id": None,
        "owner_status": "pool",
        "route_to": "S0000009",
        "also_to": None,
        "routing_why_zh": "无客户经理，转区县中小集团组",
        "routing_why_en": "no manager: to the county's desk",
        "action_code": "VERIFY",
        "action_zh": "核实资料、指定客户经理",
        "action_en": "check the file, appoint a manager",
        "offer_zh": None,
        "offer_en": None,
        "last_visit_date": None,
    },
    {
        "group_id": "89100000000033",
        "group_name": "<b>A&B</b>",
        "level": "blue",
        "change": "lowered",
        "probability": 0.02,
        "am_staff_id": "S0000002",
        "route_to": "S0000002",
        "county_id": "R002",
        "area_id": "R002",
    },
)


def full_list() -> pd.DataFrame:
    """Four rows, red to blue; one stands in the pool, one lies in another county."""
    rows = [
        {
            **_COMMON,
            **row,
            "rank": rank,
            "case_id": f"20110103-{row['group_id']}",
        }
        for rank, row in enumerate(_ROWS, start=1)
    ]
    frame = pd.DataFrame(rows)
    texts = [name for name in frame if name.endswith(("_zh", "_en"))]
    return frame.astype(dict.fromkeys(texts, "str"))


def case_rules() -> CaseRules:
    """A day to contact a red group, three an orange one, and a dekad all others."""
    days = {"red": "1 d", "orange": "3 d", "yellow": "10 d", "blue": "10 d"}
    levels = {level: LevelRule(span, span, "", "", 10) for level, span in days.items()}
    return CaseRules(
        levels,
        dispatch_days=0,
        dispatch_hour=12,
        cool_down_days=30,
        close_after_lists=2,
        expire_days=30,
        verify_days=60,
    )


def rules_of_list() -> ListRules:
    limits = LevelLimits(0.20, 0.10, 0.05, most_red=0.015, most_red_and_orange=0.05)
    return ListRules(limits, case_rules(), months_at_risk=3, revenue_share=0.7, at_least=2)


def made_by_model() -> Provenance:
    return Provenance(
        model_name="group_transfer",
        model_version="1",
        run_id="0123",
        label_version="L_transfer_90/1",
        config_hash="c0ffee",
        data_version="da7a",
        data_cutoff=date(2010, 12, 31),
        freshness={"usage_month": "201012", "visit": "2011-01-02"},
    )
