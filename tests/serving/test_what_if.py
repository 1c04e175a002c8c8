"""What the model answers to what the operator could do: rows change, features follow."""

from dataclasses import replace
from datetime import date

import duckdb
import narwhals as nw
import pandas as pd
import pytest

from features import group_features, on_duckdb
from features.definition import Text
from serving.errors import ScoringError
from serving.why.one_group import Supposed
from serving.why.rows import rows_of, several
from serving.why.what_if import Outcome, lines, what_if

DAY = date(2010, 5, 13)
SUPPOSED = Supposed(
    ending_days=60,
    most_bundled=2,
    bundle_type="deposit_bonus",
    bundle_months=12,
    bundle_bonus_fen=6000,
    visited_within_days=90,
    letter_months=12,
    letter_ending_days=60,
)

GROUPS = """
group_id | month  | am_staff_id
acme     | 201004 | s1
bolt     | 201004 |
"""
MEMBERS = """
user_id
ann
bob
cat
dan
eve
"""
MEMBERSHIPS = """
user_id | group_id | valid_from | member_role
ann     | acme     | 2009-01-01 | ordinary
bob     | acme     | 2009-01-01 | ordinary
cat     | acme     | 2009-01-01 | ordinary
dan     | acme     | 2009-01-01 | key_member
eve     | bolt     | 2009-01-01 | contact
"""
CONTRACTS = """
contract_id | user_id | group_id | type         | start_date | end_date   | load_time  | status
1           | ann     |          | gift         | 2009-06-02 | 2010-06-02 | 2009-06-03 | live
2           | bob     |          | gift         | 2009-06-02 | 2010-06-02 | 2009-06-03 | live
3           | bob     |          | gift         | 2010-06-01 | 2011-06-01 | 2010-05-10 | live
4           |         | acme     | points_vnet  | 2009-07-01 | 2010-07-01 | 2009-07-02 | live
5           | ann     |          | gift         | 2010-06-02 | 2011-06-02 | 2010-05-14 | live
"""
"""Ann's contract ends in 20 days (her next is known tomorrow), bob has signed another, the group's
agreement ends in 49 days; cat and dan have none."""


class Reads:
    """A model that reads some features and sums what they weigh."""

    def __init__(self, **weights: float) -> None:
        self.weights, self.features = weights, tuple(weights)

    def probability(self, frame):
        risk = sum(weight * frame[name].fillna(0) for name, weight in self.weights.items())
        return (0.5 + risk).to_numpy()


def engine(rows):
    connection = duckdb.connect()
    return on_duckdb(
        connection, {n: nw.from_native(connection.from_arrow(t)) for n, t in rows.items()}
    )


@pytest.fixture
def world(drawn):
    def tables(**more):
        base = {"group_snapshot": GROUPS, "member": MEMBERS, "membership_hist": MEMBERSHIPS}
        return drawn(**{**base, **more})

    return tables


def asked(tables, model, group_id="acme", **published) -> dict[str, Outcome]:
    read = group_features(tables, [DAY], list(model.features), tiers=None).assign(**published)
    found = what_if(group_id, DAY, tables, model, read, SUPPOSED, engine)
    return {outcome.code: outcome for outcome in found}


def test_renewing_a_contract_that_runs_out_frees_nobody(world):
    found = asked(world(contract=CONTRACTS), Reads(ending_share=0.4, agreement_live=0.0))

    # One of four members is free within 60 days: 0.5 + 0.4 / 4, and nobody after.
    renew = found["renew"]
    assert (renew.before, renew.after) == (pytest.approx(0.6), pytest.approx(0.5))
    assert renew.members == 1
    assert renew.line.zh == "续签60天内到期的1名成员的合约和1份集团协议：60.0% → 50.0%"
    assert renew.line.en == (
        "renew the contract of 1 member and the group's agreement ending within 60 days: "
        "60.0% → 50.0%"
    )


def test_members_without_a_contract_are_bundled_key_members_first(world):
    found = asked(world(contract=CONTRACTS), Reads(lock_share=-0.2, key_lock_share=-0.1))

    # Two of four are locked today, all four then; dan, the key member, is among them.
    bundle = found["bundle"]
    assert bundle.before == pytest.approx(0.5 - 0.2 * 2 / 4)
    assert bundle.after == pytest.approx(0.5 - 0.2 - 0.1)
    assert bundle.text.en == ("bundle 2 members without a contract for 12 months (1 in key roles)")


def test_all_steps_together_stand_last(world):
    model = Reads(ending_share=0.4, lock_share=-0.2)

    found = asked(world(contract=CONTRACTS), model)

    assert list(found) == ["renew", "bundle", "all"]
    assert found["all"].after == pytest.approx(0.5 - 0.2)


def test_a_group_that_nobody_looks_after_gets_a_manager_and_a_visit(world):
    visits = "visit_id | group_id | visit_date | load_time\n1 | acme | 2010-05-01 | 2010-05-02"
    tables = world(visit=visits)

    model = Reads(managed=-0.1, visits=-0.05)
    assert set(asked(tables, model, "bolt")) == {"appoint"}
    assert asked(tables, model, "bolt")["appoint"].after == pytest.approx(0.5 - 0.1 - 0.05)
    assert asked(tables, model, "acme") == {}


def test_a_managed_group_without_a_recent_visit_is_visited(world):
    visits = "visit_id | group_id | visit_date | load_time\n1 | acme | 2010-02-01 | 2010-02-02"

    found = asked(world(visit=visits), Reads(visits=-0.05))

    assert found["visit"].after == pytest.approx(0.5 - 0.05)


@pytest.mark.parametrize(
    ("ends", "steps"),
    [("2010-05-01", {"letter"}), ("2010-06-20", {"letter"}), ("2010-09-01", set())],
)
def test_a_letter_that_has_ended_or_soon_ends_is_renewed(world, ends, steps):
    letters = (
        "letter_id | group_id | issued_date | valid_from | valid_to | load_time\n"
        f"1 | acme | 2009-05-01 | 2009-05-01 | {ends} | 2009-05-02"
    )

    assert set(asked(world(auth_letter=letters), Reads(letter_valid=-0.1))) == steps


def test_open_tickets_are_solved_but_for_wishes_to_leave(world):
    tickets = """
    ticket_id | user_id | open_time  | cat            | resolved | load_time
    1         | ann     | 2010-05-01 | billing        | no       | 2010-05-02
    2         | ann     | 2010-05-01 | network        | yes      | 2010-05-02
    3         | bob     | 2010-05-02 | cancel_request | no       | 2010-05-03
    4         | cat     | 2010-05-02 | service        |          | 2010-05-03
    """

    found = asked(world(ticket=tickets), Reads(open_tickets=0.1))

    assert found["tickets"].text.zh == "办结2张未解决工单"
    assert (found["tickets"].before, found["tickets"].after) == (
        pytest.approx(0.5 + 0.2),
        pytest.approx(0.5),
    )


def usage(*vnet: int) -> str:
    months = ("201001", "201002", "201003", "201004")
    ours = "mou_out_m | mou_out_onnet_m | mou_in_m | mou_in_onnet_m | vnet_out_m | vnet_in_m"
    head = f"user_id | month | {ours}"
    rows = [
        f"ann | {month} | 200 | 90 | 200 | 90 | {minutes} | 0"
        for month, minutes in zip(months, vnet, strict=True)
    ]
    return "\n".join([head, *rows])


def test_vnet_minutes_come_back_to_the_average_of_three_months_within_minutes_on_net(world):
    model = Reads(group_vnet_minutes=-0.001)

    found = asked(world(usage_month=usage(60, 80, 70, 10)), model)
    assert (found["vnet"].members, found["vnet"].before) == (1, pytest.approx(0.5 - 0.010))
    assert found["vnet"].after == pytest.approx(0.5 - 0.070)

    found = asked(world(usage_month=usage(120, 120, 120, 10)), model)
    assert found["vnet"].after == pytest.approx(0.5 - 0.090)

    assert asked(world(usage_month=usage(60, 80, 70, 75)), model) == {}


def test_a_step_that_the_model_answers_with_a_higher_risk_is_shown_as_such(world):
    found = asked(world(contract=CONTRACTS), Reads(lock_share=0.2))

    assert found["bundle"].after > found["bundle"].before
    assert found["bundle"].line.zh.endswith("60.0% → 70.0%（模型认为风险反而升高）")
    assert found["renew"].line.en.endswith("60.0% → 60.0% (the model sees no difference)")


def test_a_feature_that_tells_of_other_groups_too_is_kept_and_named(world):
    model = Reads(lock_share=-0.2)

    # Published otherwise than the group's own rows say, as if others counted in it.
    found = asked(world(contract=CONTRACTS), model, lock_share=0.9)

    assert found["bundle"].kept == ("lock_share",)
    assert found["bundle"].after == found["bundle"].before
    assert any("lock_share" in line.en for line in lines(tuple(found.values())))


def test_what_is_delivered_tomorrow_changes_no_answer(world):
    model = Reads(ending_share=0.4, lock_share=-0.2)
    today = CONTRACTS.replace("5           | ann ", "5           | eve ")

    assert asked(world(contract=CONTRACTS), model) == asked(world(contract=today), model)


def test_each_scenario_is_a_group_of_its_own_with_members_of_its_own(world):
    rows = rows_of(world(contract=CONTRACTS), "acme", DAY)

    copies = several([rows, rows], "acme")

    assert set(copies["group_snapshot"]["group_id"].to_pylist()) == {"acme~0", "acme~1"}
    assert copies["member"]["user_id"].to_pylist()[:2] == ["ann~0", "bob~0"]
    assert "eve~0" not in copies["member"]["user_id"].to_pylist()
    ids = copies["contract"]["contract_id"].to_pylist()
    assert len(set(ids)) == len(ids) == 2 * 4


def test_the_answers_end_with_what_they_are_not():
    outcome = Outcome("visit", Text("走访", "visit"), 0, 0.41, 0.23, ())

    said = [line.en for line in lines([outcome], published=0.41)]
    assert said[0] == "visit: 41.0% → 23.0%"
    assert said[-1].startswith("This is the model's answer to changed data, not a measured effect")

    later = [line.en for line in lines([replace(outcome, before=0.39)], published=0.41)]
    assert later[0] == "Data or code have changed since: 39.0% now, 41.0% on the list."


def test_a_group_that_needs_no_step_is_told_so(world):
    assert asked(world(), Reads(managed=-0.1)) == {}
    assert [line.en for line in lines(())] == [
        "None of the steps in our hands is left to be taken."
    ]


def test_a_group_without_features_is_refused(world):
    read = pd.DataFrame({"group_id": ["bolt"], "managed": [0.0]})

    with pytest.raises(ScoringError, match="acme has no features on 2010-05-13"):
        what_if("acme", DAY, world(), Reads(managed=0.1), read, SUPPOSED, engine)
