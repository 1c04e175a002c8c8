"""What the log of treatments told of each group's responses, as known on a day."""

from __future__ import annotations

from datetime import date

from drawing import Drawn

from models.response_evidence import responses_known

LOG = """
    treatment_id | group_id | assign_time | arm     | delivered | accepted | load_time
    t1           | g1       | 2010-03-10  | treat   | yes       | yes      | 2010-03-12
    t2           | g1       | 2010-04-10  | treat   | yes       | no       | 2010-04-12
    t3           | g2       | 2010-04-10  | treat   | yes       |          | 2010-04-12
    t4           | g3       | 2010-04-10  | treat   | no        | no       | 2010-04-12
    t5           | g4       | 2010-04-10  | holdout | no        | no       | 2010-04-12
    t6           | g5       | 2010-04-20  | treat   | yes       | yes      | 2010-05-12
"""


def told(drawn: Drawn, day: date, lookback: int = 365) -> dict[str, tuple[int, int]]:
    found = responses_known(drawn(treatment=LOG), [day], lookback)
    return {row.group_id: (row.accepted, row.refused) for row in found.itertuples()}


def test_only_offers_that_reached_a_group_and_were_answered_tell(drawn: Drawn) -> None:
    assert told(drawn, date(2010, 5, 3)) == {"g1": (1, 1)}


def test_what_came_in_later_is_not_known(drawn: Drawn) -> None:
    assert told(drawn, date(2010, 3, 13)) == {"g1": (1, 0)}
    assert told(drawn, date(2010, 5, 13)) == {"g1": (1, 1), "g5": (1, 0)}


def test_offers_made_long_ago_tell_nothing(drawn: Drawn) -> None:
    assert told(drawn, date(2010, 5, 3), lookback=30) == {"g1": (0, 1)}


def test_days_count_from_the_newest_offer_that_was_taken(drawn: Drawn) -> None:
    found = responses_known(drawn(treatment=LOG), [date(2010, 5, 3)], 365)
    # From 10 March to 3 May: 21 + 30 + 3 days.
    assert found["since_accepted"].tolist() == [54]


def test_without_a_log_nothing_is_known(drawn: Drawn) -> None:
    tables = drawn(ticket="ticket_id\nx")
    assert responses_known(tables, [date(2010, 5, 3)], 365).empty
