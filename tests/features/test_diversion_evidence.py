"""Silent diversion: each evidence alone, the rule with its onset, and months where dekads lack."""

from datetime import date, timedelta

from diversion_world import (
    CROWD,
    DAY,
    LAST_MONTH,
    back_from,
    evidence,
    judged,
    lines,
    months,
    people,
    values,
    world,
)
from pandas.testing import assert_frame_equal


def test_outgoing_that_fell_by_half_while_incoming_held_is_one_sided(drawn):
    members = world(
        drawn, {"ann": {"out": 4, "rival": 0}, "bob": {"out": 4, "into": 4, "rival": 0}}
    )

    # ann 4 of 10, everybody (19 * 10 + 4 + 4) / 21 = 9.43 of 10: at .42; bob's incoming fell too
    assert evidence(members, "ann") == {"evidence_one_sided"}
    assert evidence(members, "bob") == set()
    assert evidence(members, "crowd0") == set()


def test_a_rival_number_that_took_over_the_contacts_is_a_twin(drawn):
    members = world(
        drawn,
        {"ann": {}, "bob": {}, "cat": {}},
        second_sim_ind=f"""
        user_id | month  | score | rule_hit             | twin_peer_key
        ann     | 201003 | 0.9   | rival_twin_number    | {"a" * 32}
        bob     | 201003 | 0.9   | mou_drop_alters_kept |
        cat     | 200912 | 0.9   | rival_twin_number    | {"b" * 32}
        """,
    )

    assert evidence(members, "ann") == {"evidence_twin"}
    assert evidence(members, "bob") == set()
    assert evidence(members, "cat") == set()  # the newest three months are January to March


def test_calls_forwarded_to_a_rival_are_found_by_the_switch_or_by_the_operators_rule(drawn):
    members = world(
        drawn,
        {"ann": {}, "bob": {}},
        usage_month="""
        user_id | month  | mou_out_m | mou_in_m | fwd_set_flag
        ann     | 201003 | 300       | 300      | yes
        crowd0  | 201003 | 300       | 300      | no
        """,
        second_sim_ind="""
        user_id | month  | score | rule_hit
        bob     | 201003 | 0.9   | fwd_to_rival
        """,
    )

    assert evidence(members, "ann") == evidence(members, "bob") == {"evidence_forwarding"}
    assert values(members, "evidence_forwarding")["crowd0"] == 0
    assert values(members, "evidence_forwarding")["crowd1"] is None


def test_data_and_messages_that_end_while_calls_come_in_are_gone(drawn):
    members = world(
        drawn,
        {
            "ann": {"sms": 0, "data": 4},  # 4 of 50 KB a day
            "bob": {"sms": 0, "data": 10},  # 10 of 50 is not near zero
            "cat": {"sms": 0, "data": 0, "into": 5},  # he is called less as well
        },
    )

    assert evidence(members, "ann") == {"evidence_data_gone"}
    assert evidence(members, "bob") == set()
    assert evidence(members, "cat") == set()


def test_a_handset_for_two_sims_is_an_evidence_by_itself(drawn):
    members = world(
        drawn,
        {"ann": {}, "bob": {}},
        member=f"user_id | device_dual_sim\nann | yes\nbob | no\n{lines(CROWD, ' | ')}",
    )

    assert evidence(members, "ann") == {"evidence_data_gone"}
    assert values(members, "dual_sim_device")["bob"] == 0
    assert values(members, "dual_sim_device")["crowd0"] is None


def test_who_no_longer_calls_within_the_vnet_but_calls_on_has_left_it(drawn):
    members = world(
        drawn,
        {
            "ann": {"vnet": 0, "out": 6},  # other calls, 10 - 2 - 4 = 4 a day, go on
            "bob": {"vnet": 0, "out": 3},  # of them 3 - 2 = 1 is left
        },
    )

    assert evidence(members, "ann") == {"evidence_left_vnet"}
    assert "evidence_left_vnet" not in evidence(members, "bob")


def test_who_only_ever_used_the_vnet_and_falls_silent_has_not_left_it(drawn):
    """All of ann's 4 minutes a day were V-net: her other calls were 0 a day before and are 0 now.

    Those of bob, who calls others as ever, are 10 - 2 - 4 = 4 a day, before and now.
    """
    silent = {"out": 0, "into": 0, "rival": 0, "vnet": 0, "sms": 0, "data": 0}
    members = world(
        drawn,
        {"ann": silent, "bob": {"vnet": 0, "out": 6}},
        ever={"ann": {"out": 4, "rival": 0}},
    )

    assert evidence(members, "ann") == set()
    assert values(members, "diverting")["ann"] == 0
    assert evidence(members, "bob") == {"evidence_left_vnet"}


def test_the_vnet_of_a_group_that_was_left_for_another_is_not_missed(drawn):
    groups = [
        "user_id | group_id | valid_from | valid_to   | load_time",
        "ann     | old      | 2005-01-01 | 2010-04-01 | 2010-04-01",
        "ann     | new      | 2010-04-01 | 9999-12-31 | 2010-04-01",
        *(f"{name} | old   | 2005-01-01 | 9999-12-31 | 2008-01-01" for name in ("bob", *CROWD)),
    ]
    left = {"vnet": 0, "out": 6}
    members = world(drawn, {"ann": left, "bob": left}, membership_hist="\n".join(groups))

    assert evidence(members, "ann") == set()
    assert evidence(members, "bob") == {"evidence_left_vnet"}


def test_a_diversion_begins_on_the_first_day_of_the_first_low_dekad(drawn):
    since = ("2010022", "2010023", "2010031", "2010032", "2010033", *LAST_MONTH)
    members = world(drawn, {"ann": {"out": 4, "rival": 0}}, changed=since)

    assert values(members, "outgoing_low_days")["ann"] == (DAY - date(2010, 2, 11)).days
    assert values(members, "diverting")["ann"] == 1  # E1
    assert values(members, "diverting_days")["ann"] == (DAY - date(2010, 2, 11)).days
    assert values(members, "diverting")["crowd0"] == 0
    assert values(members, "diverting_days")["crowd0"] is None


def test_two_low_dekads_or_a_fall_without_evidence_are_not_yet_a_diversion(drawn):
    two = world(drawn, {"ann": {"out": 4, "rival": 0}}, changed=LAST_MONTH[1:])
    both_ways = world(drawn, {"ann": {"out": 4, "into": 4, "rival": 0}})

    assert values(two, "outgoing_low_days")["ann"] is None
    assert values(two, "diverting")["ann"] == 0
    assert values(both_ways, "outgoing_low_days")["ann"] == (DAY - date(2010, 4, 1)).days
    assert values(both_ways, "diverting")["ann"] == 0


def test_a_fall_to_six_tenths_is_reduced_and_not_low(drawn):
    members = world(drawn, {"ann": {"out": 6, "rival": 0}})

    assert values(members, "outgoing_reduced")["ann"] == 1
    assert values(members, "outgoing_reduced_days")["ann"] == (DAY - date(2010, 4, 1)).days
    assert values(members, "outgoing_low_days")["ann"] is None


def test_a_mild_fall_is_as_old_as_its_first_dekad_however_long_it_lasts(drawn):
    """Fifteen dekads, all but the oldest three of eighteen, at six tenths: since 1 December."""
    since = [dekad for dekad, _ in back_from(date(2010, 4, 30), 15)]
    members = world(drawn, {"ann": {"out": 6, "rival": 0}}, changed=since)

    assert since[-1] == "2009121"
    assert values(members, "outgoing_reduced_days")["ann"] == (DAY - date(2009, 12, 1)).days
    assert values(members, "outgoing_low_days")["ann"] is None


def test_a_dekad_that_has_not_come_neither_breaks_nor_begins_a_run(drawn):
    low = {"ann": {"out": 4, "rival": 0}}
    four = ("2010033", *LAST_MONTH)
    late = world(drawn, low, changed=four, late={("ann", "2010042"): "2010-05-09"})
    late_first = world(drawn, low, changed=four, late={("ann", "2010033"): "2010-05-09"})

    assert values(late, "outgoing_low_days")["ann"] == (DAY - date(2010, 3, 21)).days
    assert values(late_first, "outgoing_low_days")["ann"] == (DAY - date(2010, 4, 1)).days


def test_who_calls_again_as_before_no_longer_diverts(drawn):
    members = world(
        drawn, {"ann": {"out": 4, "rival": 0}}, changed=("2010032", "2010033", "2010041", "2010042")
    )

    assert values(members, "outgoing_low_days")["ann"] is None
    assert values(members, "diverting")["ann"] == 0


def test_where_no_dekads_are_delivered_a_month_counts_as_three(drawn):
    tables = drawn(member=people("ann", *CROWD), usage_month=months({"ann": (400, 1000)}))
    members = judged(tables)

    # ann 400 of 1000 out; everybody (19 * 1000 + 400) / 20 = 970 of 1000: at .41
    assert values(members, "evidence_one_sided")["ann"] == 1
    assert values(members, "outgoing_low_days")["ann"] == (DAY - date(2010, 3, 1)).days
    assert values(members, "diverting")["ann"] == 1
    assert values(members, "diverting")["crowd0"] == 0


def test_who_has_too_few_dekads_is_judged_by_months(drawn):
    """Five dekads are known of everybody, none of them low, but a month of ann's is."""
    members = world(drawn, {"ann": {}}, usage_month=months({"ann": (400, 1000)}), count=5)

    assert values(members, "outgoing_low_days")["ann"] == (DAY - date(2010, 3, 1)).days


def test_where_the_operator_names_no_second_sims_a_twin_is_unknown(drawn):
    members = world(drawn, {"ann": {"out": 4, "rival": 0}}, second_sim_ind=None)

    assert values(members, "evidence_twin")["ann"] is None
    assert values(members, "diverting")["ann"] == 1


def test_whose_minutes_are_not_known_is_not_said_to_divert_or_not(drawn):
    members = world(drawn, {}, member=people("ann", *CROWD))

    assert values(members, "diverting")["ann"] is None


def test_what_is_loaded_after_the_day_changes_nothing(drawn):
    low = {"ann": {"out": 4, "rival": 0}}
    before = world(drawn, low)
    after = world(drawn, low, late={("crowd0", "2010043"): "2010-05-02"}, afterwards="2010-05-04")

    assert_frame_equal(before, after)


def test_a_restated_dekad_counts_from_the_day_on_which_it_was_restated(drawn):
    """All of ann's last month is restated on 6 May: she had called as ever."""
    low, restated = {"ann": {"out": 4, "rival": 0}}, date(2010, 5, 6)
    before = world(drawn, low, afterwards=f"{restated}", day=restated - timedelta(1))
    after = world(drawn, low, afterwards=f"{restated}", day=restated)

    assert values(before, "diverting")["ann"] == 1
    assert values(after, "diverting")["ann"] == 0
