"""Call-graph features on small circles; the expected values show their arithmetic."""

from datetime import date

import pytest

from features import group_features, member_features
from features.catalog import FEATURES

DAY = date(2010, 5, 13)  # newest closed month of calls: April
ANN, BOB, CAT, DAN, EVE = (letter * 32 for letter in "abcde")
OUTSIDE, RIVAL, FRESH = (digit * 32 for digit in "123")

PEOPLE = f"""
user_id | msisdn_hash | status | load_time
ann     | {ANN}       | active | 2009-01-01
bob     | {BOB}       | active | 2009-01-01
cat     | {CAT}       | active | 2009-01-01
dan     | {DAN}       | active | 2009-01-01
dan     | {DAN}       | off    | 2010-05-10
eve     | {EVE}       | active | 2009-01-01
eve     | {EVE}       | off    | 2010-05-14
"""
HEADER = "user_id | peer_key | month | peer_net | n_out | n_in | sec_out | sec_in | load_time"
ANNS = f"""{HEADER}
ann | {BOB}     | 201002 | CM_other | 4 | 4 | 100 | 100 | 2010-03-05
ann | {BOB}     | 201004 | CM_other | 4 | 0 | 300 | 0   | 2010-05-05
ann | {DAN}     | 201002 | CM_other | 6 | 6 | 700 | 100 | 2010-03-05
ann | {DAN}     | 201003 | CM_other | 2 | 0 | 200 | 0   | 2010-04-05
ann | {EVE}     | 201004 | CM_other | 2 | 2 | 60  | 60  | 2010-05-05
ann | {OUTSIDE} | 201002 | fixed    | 2 | 0 | 20  | 0   | 2010-03-05
ann | {RIVAL}   | 201004 | CT       | 0 | 2 | 0   | 60  | 2010-05-05
ann | {FRESH}   | 201004 | service  | 9 | 0 | 900 | 0   | 2010-05-05
"""


def test_the_circle_is_everybody_talked_to_in_three_months_but_hotlines(drawn):
    found = of_ann(drawn(member=PEOPLE, call_edge_month=ANNS))

    assert found["circle_size"] == 5  # bob, dan, eve, outside, rival
    assert found["circle_reciprocity"] == 3 / 5  # bob, dan, eve
    assert found["circle_fall"] == 1 - 3 / ((3 + 1) / 2)  # 3 in April, 1 in March, 3 in February
    total = (100 + 100 + 300) + (700 + 100 + 200) + (60 + 60) + 20 + 60
    assert found["closest_share"] == (700 + 100 + 200) / total
    assert found["circle_rival_share"] == 1 / 3
    assert found["circle_rival_rise"] == 1 / 3 - 0 / 3


def test_who_left_is_lost_when_it_is_known_and_not_a_day_before(drawn):
    tables = drawn(member=PEOPLE, call_edge_month=ANNS)
    found = of_ann(tables)

    assert found["alters_lost"] == 1  # dan; what became of eve comes tomorrow
    assert found["alters_lost_recent"] == 0  # nobody heard of dan in April
    assert found["strong_alters_lost"] == 1  # 700 + 200 seconds, 600 are enough
    assert found["circle_lost_share"] == 1 / 3
    decayed = {"bob": 4 * 300 + 100, "dan": 2 * 200 + 700, "eve": 4 * 60, "outside": 20}
    assert found["loss_exposure"] == decayed["dan"] / sum(decayed.values())

    tomorrow = of_ann(tables, date(2010, 5, 14))
    assert (tomorrow["alters_lost"], tomorrow["alters_lost_recent"]) == (2, 1)
    before = of_ann(tables, date(2010, 5, 9))  # newest closed month: March
    assert (before["alters_lost"], before["circle_size"]) == (0, 3)


def test_calls_loaded_after_the_day_change_nothing(drawn):
    later = ANNS + f"ann | {CAT} | 201004 | CM_other | 9 | 9 | 999 | 999 | 2010-05-14\n"

    known = of_ann(drawn(member=PEOPLE, call_edge_month=ANNS))
    assert of_ann(drawn(member=PEOPLE, call_edge_month=later)).equals(known)
    tomorrow = of_ann(drawn(member=PEOPLE, call_edge_month=later), date(2010, 5, 14))
    assert tomorrow["circle_size"] == 6


def test_a_number_given_out_again_is_its_new_owners(drawn):
    """Dan's number is new cat's, who is on net."""
    reissued = PEOPLE + f"new | {DAN} | active | 2010-05-11\n"

    found = of_ann(drawn(member=reissued, call_edge_month=ANNS))
    assert found["alters_lost"] == 0
    assert of_ann(drawn(member=reissued, call_edge_month=ANNS), date(2010, 5, 10))["alters_lost"]


def test_of_two_owners_off_net_the_one_opened_last_has_the_number(drawn):
    """Were the number ann's own earlier one's, nobody would be lost: a call to oneself is none."""
    people = f"""
    user_id | msisdn_hash | status | open_date
    ann     | {ANN}       | active | 2009-01-01
    old     | {DAN}       | off    | 2003-01-01
    new     | {DAN}       | off    | 2008-01-01
    """
    calls = f"""{HEADER}
    ann | {DAN} | 201004 | CM_other | 4 | 4 | 100 | 100 | 2010-05-05
    new | {ANN} | 201004 | CM_other | 4 | 4 | 100 | 100 | 2010-05-05
    new | {BOB} | 201004 | CM_other | 4 | 4 | 100 | 100 | 2010-05-05
    """

    found = of_ann(drawn(member=people, call_edge_month=calls))
    assert (found["circle_size"], found["alters_lost"]) == (1, 1)
    assert found["losses_around"] == 1 / 2  # new had two contacts; old would have had none


def test_a_loss_is_shared_out_over_the_circle_of_the_lost_and_handed_on_once(drawn):
    """Ann - bob - dan (off net), and cat with dan as well."""
    ties = [("ann", BOB), ("bob", ANN), ("bob", DAN), ("dan", BOB), ("dan", CAT), ("cat", DAN)]
    rows = "\n".join(f"{a} | {b} | 201004 | CM_other | 1|1|60|60 | 2010-05-05" for a, b in ties)

    found = members(drawn(member=PEOPLE, call_edge_month=f"{HEADER}\n{rows}"))["losses_around"]
    assert found["bob"] == pytest.approx(1 / 2 + 0)  # dan's circle: bob, cat
    assert found["ann"] == pytest.approx((1 / 2) / 2 / 5)  # half of bob's, a fifth of it counted
    assert found["cat"] == pytest.approx(1 / 2)  # nothing reaches dan for him to hand on


def test_a_second_sim_of_a_peer_counts_when_it_was_indicated_in_three_months(drawn):
    sims = """
    user_id | month  | score | load_time
    bob     | 201003 | 0.9   | 2010-04-06
    eve     | 201001 | 0.9   | 2010-02-06
    """
    found = of_ann(drawn(member=PEOPLE, call_edge_month=ANNS, second_sim_ind=sims))

    assert found["alters_diverted"] == 1
    assert found["diversion_exposure"] == (4 * 300 + 100) / (4 * 300 + 100 + 4 * 60)


def test_a_new_rival_number_with_the_same_contacts_is_a_twin(drawn):
    """Ann talks to bob, cat and dan; a new number and an old one to bob, cat and eve."""
    ties = [("ann", BOB), ("ann", CAT), ("ann", DAN), ("bob", ANN), ("cat", ANN)]
    calls = [f"{a} | {b} | 201003 | CM_other | 1|1|60|60 | 2010-05-05" for a, b in ties]
    calls += [
        f"{who} | {number} | 201004 | CT | 1|1|60|60 | 2010-05-05"
        for number in (FRESH, RIVAL)
        for who in ("bob", "cat", "eve")
    ]
    rivals = f"""
    peer_key | month  | first_seen_month | alive
    {FRESH}  | 201004 | 201004           | yes
    {RIVAL}  | 201004 | 200906           | yes
    """
    text = "\n".join([HEADER, *calls])
    rows = members(drawn(member=PEOPLE, call_edge_month=text, rival_number=rivals))

    assert rows.loc["ann", "twin_score"] == 2 / 4  # bob, cat of bob, cat, dan, eve
    assert rows.loc["ann", "twin_numbers"] == 1
    assert rows.loc["bob", "twin_score"] == 0  # shares nobody


GROUP = """
group_id | month  | tier
acme     | 201004 | C
bolt     | 201004 | C
"""
IN_GROUPS = """
user_id | group_id | valid_from | valid_to   | load_time
ann     | acme     | 2009-01-01 |            | 2009-01-01
bob     | acme     | 2009-01-01 |            | 2009-01-01
cat     | acme     | 2009-01-01 |            | 2009-01-01
dan     | acme     | 2009-01-01 |            | 2009-01-01
eve     | bolt     | 2009-01-01 |            | 2009-01-01
"""


def acme(drawn, **more):
    with_ends = IN_GROUPS.replace("|            |", "| 9999-12-31 |")
    tables = drawn(member=PEOPLE, membership_hist=with_ends, group_snapshot=GROUP, **more)
    return group_features(tables, [DAY], graph("group")).set_index("group_id").loc["acme"]


def test_a_group_is_dense_where_its_pairs_talk_and_its_core_is_who_talks_to_most(drawn):
    ties = [("ann", BOB, 1, 1), ("bob", ANN, 1, 1), ("ann", CAT, 1, 0), ("cat", ANN, 0, 1)]
    ties += [("ann", DAN, 1, 1), ("dan", ANN, 1, 1), ("dan", BOB, 2, 1), ("bob", DAN, 1, 2)]
    rows = [
        f"{a} | {b} | 201003 | CM_same_group | acme | {out} | {got} | 60 | 60 | 2010-04-05"
        for a, b, out, got in ties
    ]
    rows.append(f"ann | {EVE} | 201003 | CM_group_other | bolt | 1 | 1 | 60 | 60 | 2010-04-05")
    header = HEADER.replace("peer_net", "peer_net | peer_group_id")
    found = acme(drawn, call_edge_month="\n".join([header, *rows]))

    assert found["members"] == 3  # dan has left
    assert found["vnet_density"] == 2 / 3  # ann-bob, ann-cat of three pairs
    assert found["vnet_reciprocity"] == 1 / 2  # ann-bob
    assert found["core_members_lost"] == 1  # dan
    assert found["core_ties_lost"] == 2 / (3 + 2 + 2 + 1)  # ann, bob, dan, cat
    assert found["members_with_losses"] == 2 / 3  # ann and bob


def test_calls_to_a_group_that_lost_members_are_an_exposure(drawn):
    """Bolt kept one member and lost one in 90 days; only ann calls there."""
    people = PEOPLE + f"fay | {'f' * 32} | off | 2010-05-01\n"
    memberships = IN_GROUPS.replace("|            |", "| 9999-12-31 |") + (
        "fay | bolt | 2009-01-01 | 2010-04-20 | 2010-05-01\n"
        "gus | bolt | 2009-01-01 | 2009-12-20 | 2010-01-01\n"
    )
    calls = f"""{HEADER}
    ann | {EVE} | 201004 | CM_group_other | 1 | 1 | 60 | 60 | 2010-05-05
    bob | {ANN} | 201004 | CM_same_group  | 1 | 1 | 60 | 60 | 2010-05-05
    """
    tables = drawn(
        member=people, membership_hist=memberships, group_snapshot=GROUP, call_edge_month=calls
    )
    found = group_features(tables, [DAY], graph("group")).set_index("group_id")

    assert found.loc["acme", "groups_called_lost"] == 1 / 2


def test_a_group_that_lost_all_its_members_has_lost_all_of_them(drawn):
    """Ann calls dome, both of whose two members are off net and left it; 2 of 2 are lost."""
    dome = f"""
    fay | {"f" * 32} | off | 2010-05-01
    gus | {"7" * 32} | off | 2010-05-01
    """
    memberships = IN_GROUPS.replace("|            |", "| 9999-12-31 |") + (
        "fay | dome | 2009-01-01 | 2010-04-20 | 2010-05-01\n"
        "gus | dome | 2009-01-01 | 2010-04-20 | 2010-05-01\n"
    )
    calls = f"""{HEADER.replace("peer_net", "peer_net | peer_group_id")}
    ann | {"f" * 32} | 201004 | CM_group_other | dome | 1 | 1 | 60 | 60 | 2010-05-05
    """
    people = PEOPLE + dome.lstrip()
    tables = drawn(
        member=people, membership_hist=memberships, group_snapshot=GROUP, call_edge_month=calls
    )
    found = group_features(tables, [DAY], graph("group")).set_index("group_id")

    assert found.loc["acme", "groups_called_lost"] == 2 / 2


RIVALS = f"""
peer_key | month  | first_seen_month | alive | best_group_id | overlap_share | load_time
{RIVAL}  | 201001 | 200906           | yes   | acme          | 0.8           | 2010-02-05
{RIVAL}  | 201004 | 200906           | no    | acme          | 0.8           | 2010-05-05
{FRESH}  | 201003 | 201003           | yes   | acme          | 0.4           | 2010-04-05
{FRESH}  | 201004 | 201003           | yes   | acme          | 0.4           | 2010-05-05
{OUTSIDE}| 201004 | 201004           | yes   | acme          | 0.9           | 2010-05-06
{ANN}    | 201004 | 201004           | yes   | acme          | 0.9           | 2010-05-14
"""


def test_rival_numbers_of_a_circle_need_no_calls_table(drawn):
    found = acme(drawn, rival_number=RIVALS)

    assert found["rival_numbers_alive"] == 2  # fresh, outside; the last one is not known yet
    assert found["call_circle_share"] == 3 / (3 + 2)
    assert found["rival_numbers_rise"] == 2 - 1
    assert found["call_circle_change"] == pytest.approx(3 / 5 - 3 / 4)
    assert found["rival_new_in_circle_60d"] == 2
    assert found["rival_new_rate"] == 2 / 3
    assert found["rival_new_inside"] == 1  # outside; of fresh's contacts most are elsewhere
    assert not {"circle_share", "vnet_density", "twin_share"} & set(found.index)


COUNTS = {"circle_size", "alters_lost", "alters_lost_recent", "strong_alters_lost"}
COUNTS |= {"losses_around", "alters_diverted", "twin_numbers"}
BESIDE = {
    "second_sim_ind": "user_id | month | score\nann | 201003 | 0.9",
    "rival_number": f"peer_key | month | first_seen_month\n{FRESH} | 201004 | 201004",
}


def test_who_talked_to_nobody_has_a_circle_of_nobody_where_calls_are_known(drawn):
    found = members(drawn(member=PEOPLE, call_edge_month=ANNS, **BESIDE))
    bob = found.drop(columns=["as_of", "group_id"]).loc["bob"]

    assert set(bob.index[bob == 0]) == COUNTS
    assert bob.drop(list(COUNTS)).isna().all()  # a share of nobody is unknown


def test_where_no_calls_have_come_a_circle_is_unknown_not_empty(drawn):
    tables = drawn(member=PEOPLE, call_edge_month=ANNS, **BESIDE)
    found = members(tables, date(2010, 8, 13))  # of May to July there are none

    assert set(found) >= COUNTS
    assert found.drop(columns=["as_of", "group_id"]).isna().all(axis=None)


def test_a_group_whose_members_do_not_call_each_other_lost_none_of_its_core(drawn):
    elsewhere = f"bob | {EVE} | 201003 | CM_other | 1 | 1 | 60 | 60 | 2010-04-05"
    found = acme(drawn, call_edge_month=f"{HEADER}\n{elsewhere}")

    assert (found["talking_pairs"], found["core_members_lost"]) == (0, 0)
    assert found[["core_ties_lost", "vnet_reciprocity"]].isna().all()


THEMES = ("member.circle", "member.rival_circle", "group.circle", "group.calls")


def graph(entity):
    modules = {f"features.{theme}" for theme in THEMES}
    chosen = [f for f in FEATURES.values() if f.formula.__module__ in modules]
    return [f for f in [*chosen, FEATURES["members"]] if f.entity == entity]


def members(tables, day=DAY):
    return member_features(tables, [day], graph("member")).set_index("user_id")


def of_ann(tables, day=DAY):
    return members(tables, day).drop(columns=["as_of", "group_id"]).loc["ann"]
