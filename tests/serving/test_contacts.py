"""Who can sign today, and what comes first where nobody can."""

from __future__ import annotations

from datetime import date

import pandas as pd

from serving.actions.contacts import people, signatory, valid_letters

DAY = date(2011, 1, 3)
ROSTER = pd.DataFrame(
    [("G1", "U1", "contact", 5000), ("G1", "U2", "key_person", 9000), ("G2", "U3", "ordinary", 1)],
    columns=["group_id", "user_id", "member_role", "bill_fen"],
)


def letters(*rows):
    names = ["letter_id", "group_id", "contact_user_id", "scope", "valid_from", "valid_to"]
    frame = pd.DataFrame([row[:6] for row in rows], columns=names)
    return frame.assign(revoked_date=[row[6] if len(row) > 6 else None for row in rows])


def on(text):
    return date.fromisoformat(text)


def test_a_letter_counts_from_its_first_day_until_the_day_before_its_end():
    given = letters(
        ("L1", "G1", "U1", "all", on("2011-01-03"), on("2011-01-04")),
        ("L2", "G1", "U1", "all", on("2010-01-03"), on("2011-01-03")),
        ("L3", "G1", "U1", "all", on("2011-01-04"), on("2012-01-04")),
        ("L4", "G1", "U1", "all", on("2010-01-01"), on("9999-12-31"), on("2011-01-03")),
        ("L5", "G1", "U1", "vnet", on("2010-01-01"), on("9999-12-31"), on("2011-01-04")),
    )

    assert valid_letters(given, ROSTER, DAY)["letter_id"].tolist() == ["L1", "L5"]


def test_a_letter_of_somebody_who_has_left_is_no_good_and_one_without_a_number_is():
    given = letters(
        ("L1", "G1", "U9", "all", on("2010-01-01"), on("2012-01-01")),
        ("L2", "G1", None, "crbt", on("2010-01-01"), on("2012-01-01")),
    )

    assert valid_letters(given, ROSTER, DAY)["letter_id"].tolist() == ["L2"]


def test_the_widest_scope_comes_first_and_then_the_letter_that_holds_longest():
    given = letters(
        ("L1", "G1", "U1", "vnet", on("2010-01-01"), on("2013-01-01")),
        ("L2", "G1", "U1", "all", on("2010-01-01"), on("2011-06-01")),
        ("L3", "G1", "U2", "all", on("2010-01-01"), on("2012-06-01")),
    )

    assert valid_letters(given, ROSTER, DAY)["letter_id"].tolist() == ["L3", "L2", "L1"]


def test_whoever_holds_a_letter_for_it_can_sign():
    given = letters(("L1", "G1", "U1", "vnet", on("2010-01-01"), on("2012-01-01")))
    usable = valid_letters(given, ROSTER, DAY).to_dict("records")

    who = signatory(usable, _person("G1", given), "vnet", DAY)

    assert (who.can_sign, who.contact_id) == ("yes", "U1")
    assert (who.letter_scope, who.letter_valid_to) == ("vnet", on("2012-01-01"))
    assert who.first_step is None


def test_a_letter_for_less_names_what_is_missing():
    given = letters(("L1", "G1", "U1", "crbt", on("2010-01-01"), on("2012-01-01")))
    usable = valid_letters(given, ROSTER, DAY).to_dict("records")

    who = signatory(usable, _person("G1", given), "vnet", DAY)

    assert (who.can_sign, who.contact_id) == ("no", "U1")
    assert who.first_step.zh == "授权书仅限彩铃，找关键人，先补办V网授权书"
    assert "good for ring-back tone only" in who.first_step.en


def test_what_became_of_the_last_letter_is_told():
    cases = {
        "授权书已于2010-07-30到期": letters(
            ("L1", "G1", "U1", "all", on("2009-01-01"), on("2010-07-30"))
        ),
        "授权书已于2010-12-01撤销": letters(
            ("L1", "G1", "U1", "all", on("2009-01-01"), on("2012-07-30"), on("2010-12-01"))
        ),
        "授权书持有人已不在集团": letters(
            ("L1", "G1", "U9", "all", on("2009-01-01"), on("2012-07-30"))
        ),
        "没有授权书": letters(),
    }

    for said, given in cases.items():
        assert signatory([], _person("G1", given), "any", DAY).first_step.zh.startswith(said)


def test_where_nobody_is_known_to_decide_that_is_found_out_first():
    who = signatory([], _person("G2", letters()), "any", DAY)

    assert who.contact_id is None
    assert "关键人未登记" in who.first_step.zh


def test_without_a_table_of_letters_it_is_unknown_who_can_sign():
    who = signatory(None, _person("G1", None), "all", DAY)

    assert (who.can_sign, who.contact_id) == ("unknown", "U1")


def _person(group_id, given):
    found = people(ROSTER, given, DAY)
    return found.set_index("group_id").loc[group_id].to_dict()
