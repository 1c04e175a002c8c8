"""What happened to groups, as it overrides their score, and what is due at them."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from serving.alerting.business import BusinessRules, business_alerts
from serving.alerting.triggers import KINDS, Happenings, TriggerRules, hard_triggers

DAY = date(2011, 1, 3)
OPEN = date(9999, 12, 31)
RULES = TriggerRules(
    days=30,
    oldest_days=120,
    small={**dict.fromkeys(KINDS, "yellow"), "attack_intent": "red", "contact_lost": "none"},
    large={**dict.fromkeys(KINDS, "orange"), "key_person_lost": "red"},
    lost_reasons=("churn", "group_transfer"),
    binding_levers=("agreement", "stationed_staff"),
    vnet_members=5,
    vnet_share=0.8,
)
DUE = BusinessRules(
    ending_share=0.3,
    ending_members=3,
    letter_days=30,
    lapsed_days=30,
    arrears_fen=10_000,
    downgrade_months=2,
    unified_pay_fall=0.3,
    visits_a=3,
    visits_b=1,
    low_bill_fen=5_000,
    low_bill_share=0.2,
    low_bill_members=3,
)
LARGE = pd.Series({"c": False, "a": True})


def moment(day):
    return pd.Timestamp(day) + pd.Timedelta(hours=4)


def person(left=OPEN, reason=None, status=None, since=None, **more):
    known = {
        "user_id": "u1",
        "group_id": "c",
        "member_role": "key_person",
        "valid_to": left,
        "leave_reason": reason,
        "load_time": moment(date(2010, 12, 19)),
        "status": status,
        "status_time": moment(since) if since else None,
    }
    return {**known, **more}


def attack(outcome="pending", intent=None, lever="tariff_cut", reported=date(2010, 12, 20), **more):
    known = {
        "group_id": "c",
        "report_date": reported,
        "rival": "CT",
        "lever": lever,
        "outcome_claimed": outcome,
        "intent_survey": intent,
        "load_time": moment(reported),
    }
    return {**known, **more}


def found(large=LARGE, rules=RULES, **rows):
    tables = {name: pd.DataFrame(some) for name, some in rows.items()}
    return hard_triggers(Happenings(**tables), large, rules, DAY)


def kinds(**rows):
    return found(**rows)["trigger"].to_list()


def test_a_key_person_who_left_for_a_rival_is_told_with_the_date_and_the_id():
    row = found(key_people=[person(date(2010, 12, 18), "churn")]).iloc[0]

    assert row[["group_id", "trigger", "level"]].to_list() == ["c", "key_person_lost", "yellow"]
    assert row["text_zh"] == "关键人u1于12月18日离网"
    assert row["text_en"] == "key person u1 left the network on 18 December"
    # Known on 19 December, for thirty days.
    assert (row["since"], row["until"]) == (date(2010, 12, 19), date(2011, 1, 18))


def test_a_key_person_who_changed_jobs_is_not_lost_to_us():
    assert kinds(key_people=[person(date(2010, 12, 18), "job_change")]) == []
    assert kinds(key_people=[person(date(2010, 12, 18), "job_change", "off")]) == [
        "key_person_lost"
    ]


def test_a_number_that_went_dead_counts_while_the_membership_still_runs():
    row = found(key_people=[person(status="retention", since=date(2010, 12, 28))]).iloc[0]

    assert (row["since"], row["text_en"][-11:]) == (date(2010, 12, 28), "28 December")
    assert kinds(key_people=[person(status="off", since=date(2010, 11, 20))]) == []


@pytest.mark.parametrize(
    ("left", "entered", "told"),
    [
        (date(2010, 11, 1), date(2010, 12, 31), True),  # entered late, known for three days
        (date(2010, 12, 1), date(2010, 12, 2), False),  # known for 32 days
        (date(2010, 8, 1), date(2010, 12, 31), False),  # 155 days ago: no news
        (date(2011, 1, 4), date(2011, 1, 3), False),  # leaves tomorrow
    ],
)
def test_a_trigger_counts_from_the_day_it_became_known(left, entered, told):
    people = [person(left, "churn", load_time=moment(entered))]

    assert bool(kinds(key_people=people)) is told


def test_two_who_decide_are_one_trigger_of_their_own():
    people = [
        person(date(2010, 12, 18), "churn"),
        person(date(2010, 12, 20), "churn", user_id="u2", member_role="contact"),
    ]

    row = found(key_people=people).iloc[0]

    assert row["trigger"] == "several_key_lost"
    assert row["text_zh"] == "联系人u2于12月20日离网（共2名关键人员）"


def test_the_level_depends_on_the_size_and_none_switches_a_trigger_off():
    lost = {"left": date(2010, 12, 18), "reason": "churn"}
    people = [person(**lost), person(**lost, user_id="u2", group_id="a")]
    contacts = [person(**lost, member_role="contact")]

    assert found(key_people=people).set_index("group_id")["level"].to_dict() == {
        "a": "red",
        "c": "yellow",
    }
    assert kinds(key_people=contacts) == []


@pytest.mark.parametrize(
    ("reported", "kind"),
    [
        (attack(), "attack_open"),
        (attack(intent="yes"), "attack_intent"),
        (attack(None, "yes"), "attack_intent"),
        (attack("repelled", "yes"), "attack_reported"),
        (attack(None), "attack_reported"),
        (attack(None, lever="vpn|stationed_staff"), "attack_bound"),
        (attack("lost"), None),
        (attack(reported=date(2010, 12, 1)), None),
    ],
)
def test_an_attack_is_as_grave_as_what_is_said_of_it(reported, kind):
    assert kinds(attacks=[reported]) == ([kind] if kind else [])


def test_an_attack_is_told_with_the_rival_and_what_it_offers():
    row = found(attacks=[attack(intent="yes", lever="handset_gift|agreement")]).iloc[0]

    assert row["text_zh"] == (
        "12月20日上报电信进攻（赠送终端、签署协议），尚未了结，集团表示有意转网"
    )


def test_feedback_that_confirms_a_rival_is_an_open_attack():
    cases = [
        {
            "group_id": "c",
            "feedback": "competitor_confirmed",
            "feedback_time": moment(date(2010, 12, 30)),
        },
        {"group_id": "a", "feedback": "no_risk", "feedback_time": moment(date(2010, 12, 30))},
    ]

    assert found(cases=cases)[["group_id", "trigger"]].to_numpy().tolist() == [["c", "attack_open"]]


def test_a_rival_mentioned_at_a_visit_is_told():
    visits = [
        {
            "group_id": "c",
            "visit_date": date(2010, 12, 22),
            "result": result,
            "load_time": moment(date(2010, 12, 23)),
        }
        for result in ("rival_mention", "satisfied")
    ]

    assert found(visits=visits)["text_zh"].to_list() == ["12月22日走访时客户提到竞争对手"]


@pytest.mark.parametrize(("before", "left", "told"), [(10, 2, True), (10, 3, False), (4, 0, False)])
def test_a_v_net_is_dissolved_when_four_fifths_of_it_ended(before, left, told):
    vnets = [{"group_id": "c", "before": before, "left": left, "last_end": date(2010, 12, 29)}]

    assert (kinds(vnets=vnets) == ["vnet_dissolved"]) is told


def test_a_broken_agreement_is_told():
    broken = [{"group_id": "a", "type": "points_vnet", "status_time": moment(date(2010, 12, 27))}]

    row = found(agreements=broken).iloc[0]

    assert row["text_zh"] == "积分V网协议于12月27日违约解除"


def test_of_one_kind_the_newest_is_told_and_the_gravest_kind_comes_first():
    attacks = [attack(), attack(reported=date(2010, 12, 30)), attack(intent="yes")]

    rows = found(attacks=attacks)

    assert rows["trigger"].to_list() == ["attack_intent", "attack_open"]
    assert rows["since"].to_list() == [date(2010, 12, 20), date(2010, 12, 30)]
    backwards = found(attacks=attacks[::-1])
    pd.testing.assert_frame_equal(backwards, rows)


def test_groups_that_were_not_asked_for_are_left_out():
    assert kinds(large=pd.Series({"other": False}), attacks=[attack()]) == []


def test_levels_have_to_be_given_for_every_kind():
    with pytest.raises(ValueError, match="give each of several_key_lost"):
        replace(RULES, small={"attack_open": "red"})


@pytest.mark.parametrize(
    ("known", "kind"),
    [
        ({"ending_share": 0.3, "members": 10}, "contracts_ending"),
        ({"ending_share": 0.5, "members": 4}, None),  # two members
        ({"ending_share": 0.29, "members": 100}, None),
        ({"days_to_letter_end": 30}, "letter_ending"),
        ({"days_to_letter_end": 31}, None),
        ({"days_to_letter_end": 0}, "letter_ending"),
        ({"days_to_letter_end": -30}, None),
        ({"arrears_fen": 10_000}, "arrears"),
        ({"tier_rise": -1, "months_since_tier_change": 2}, "tier_down"),
        ({"tier_rise": -1, "months_since_tier_change": 3}, None),
        ({"tier_rise": 1, "months_since_tier_change": 1}, None),
        ({"unified_pay_fall": 0.3}, "unified_pay_falls"),
        ({"visits": 0}, None),
        ({"visits": 0, "tier": "B1"}, "too_few_visits"),
        ({"visits": 2, "tier": "B1"}, None),
        ({"visits": 2, "tier": "B1", "double_top100": True}, "too_few_visits"),
        ({"visits": 2, "tier": "A2"}, "too_few_visits"),
        ({"base_members": 15, "low_bill_members": 3}, "bills_low"),
        ({"base_members": 16, "low_bill_members": 3}, None),
        ({}, None),
    ],
)
def test_what_is_due_is_blue(known, kind):
    group = pd.DataFrame([{"group_id": "g", "tier": "C", "double_top100": False, **known}])

    rows = business_alerts(group, DUE, DAY)

    assert rows["trigger"].to_list() == ([kind] if kind else [])
    assert set(rows["level"]) <= {"blue"}


def test_a_letter_is_told_with_the_day_it_ends_or_ended():
    group = pd.DataFrame(
        {
            "group_id": ["g", "h"],
            "tier": "C",
            "double_top100": False,
            "days_to_letter_end": [24.0, -4.0],
        }
    )

    rows = business_alerts(group, DUE, DAY)

    assert rows["text_zh"].to_list() == [
        "授权书1月27日到期，须续签",
        "授权书已于12月30日到期，联系人无法办理业务",
    ]
    # For thirty days after 30 December.
    assert rows["until"].to_list() == [date(2011, 1, 27), date(2011, 1, 29)]
