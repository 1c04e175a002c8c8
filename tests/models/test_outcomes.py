"""What became of a member, from what was loaded after the day."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

import pytest
from label_rule import RULE

from models.outcomes import member_outcomes

DAY = date(2010, 5, 13)
MONTHS = [f"2010{month:02d}" for month in range(1, 10)]
STEADY = [(100, 100)] * 9


@pytest.fixture
def became(drawn):
    """State and onset of a member with this usage (out, in) from January to September."""

    def outcome(usage, *, status="", second_sim=""):
        header = "user_id | status | status_time | load_time"
        tables = drawn(
            member=f"{header}\nann | active | | 2008-01-01{status}",
            usage_month=_drawn_usage(usage),
            second_sim_ind=f"user_id | month | score | load_time{second_sim}",
        )
        row = member_outcomes(tables, [DAY], RULE).iloc[0]
        return row["state"], row["onset"], row["undiverted"]

    return outcome


def test_steady_use_stays(became):
    state, onset, undiverted = became(STEADY)

    assert (state, undiverted) == ("stay", True)
    assert onset != onset


def test_outgoing_halved_while_incoming_holds_is_diversion_from_within_the_first_month(became):
    # June falls half the way that July and August are down: it began in mid-June
    usage = [*STEADY[:5], (70, 95), (40, 90), (40, 90), (40, 90)]

    state, onset, _ = became(usage)

    halfway = (1 - 0.70) / (1 - 0.40)
    assert state == "diverted"
    assert onset == pytest.approx((date(2010, 6, 1) - DAY).days + (1 - halfway) * 30)


def test_who_is_called_less_too_has_shrunk_for_an_unknown_reason(became):
    state, onset, _ = became([*STEADY[:5], (40, 40), (40, 40), (40, 40), (40, 40)])

    assert state == "shrunk_unknown"
    assert onset == (date(2010, 6, 1) - DAY).days


def test_a_second_sim_is_evidence_where_incoming_fell_as_well(became):
    usage = [*STEADY[:5], (45, 60), (45, 60), (45, 60), (45, 60)]

    state, _, _ = became(usage, second_sim="\nann | 201007 | 0.9 | 2010-08-10")

    assert state == "diverted"


def test_evidence_that_was_known_on_the_day_does_not_count(became):
    usage = [*STEADY[:5], (45, 60), (45, 60), (45, 60), (45, 60)]

    state, _, _ = became(usage, second_sim="\nann | 201004 | 0.9 | 2010-05-10")

    assert state == "shrunk_unknown"


def test_a_single_low_month_is_a_holiday(became):
    state, _, _ = became([*STEADY[:5], (30, 100), *STEADY[6:]])

    assert state == "stay"


def test_deactivation_counts_from_the_last_use_where_that_was_earlier(became):
    # last used at the end of June, recorded as off three months later
    usage = [*STEADY[:6], (0, 0), (0, 0), (0, 0)]

    state, onset, _ = became(usage, status="\nann | off | 2010-09-28 | 2010-09-29")

    assert state == "lost"
    assert onset == (date(2010, 6, 30) - DAY).days + 1


def test_silence_to_the_end_is_a_loss_without_any_record_of_it(became):
    state, onset, _ = became([*STEADY[:6], (0, 0), (0, 0), (0, 0)])

    assert state == "lost"
    assert onset == (date(2010, 6, 30) - DAY).days + 1


def test_who_was_low_before_the_day_is_known_as_diverted(became):
    months = [(100, 100)] * 2 + [(30, 95)] * 7  # low since March

    _, _, undiverted = became(months)

    assert not undiverted


def _drawn_usage(usage):
    rows = ["user_id | month | mou_out_m | mou_in_m | data_kb | last_active_date | load_time"]
    for month, (out, incoming) in zip(MONTHS, usage, strict=True):
        year, number = int(month[:4]), int(month[4:])
        end = date(year, number, calendar.monthrange(year, number)[1])
        last = end if out or incoming else ""
        loaded = end + timedelta(3)
        rows.append(f"ann | {month} | {out} | {incoming} | 0 | {last} | {loaded}")
    return "\n".join(rows)


def test_the_evidence_of_a_diversion_is_kept(known_of):
    low = [(40, 90)] * 4
    half = [(45, 60)] * 4

    one_sided, both, by_sim = (
        known_of([*STEADY[:5], *usage], second_sim=sim)["evidence"]
        for usage, sim in ((low, ""), (low, NEW_SIM), (half, NEW_SIM))
    )

    assert (one_sided, both, by_sim) == ("one_sided", "one_sided+second_sim", "second_sim")


def test_outgoing_that_falls_hardly_more_than_incoming_is_no_diversion(known_of):
    # 60 % kept of outgoing and 80 of incoming: .75, above .70
    assert known_of([*STEADY[:5], *[(60, 80)] * 4])["state"] == "stay"
    assert known_of([*STEADY[:5], *[(60, 90)] * 4])["state"] == "diverted"  # .67


def test_a_second_sim_that_was_indicated_before_the_day_is_old_news(known_of):
    before = "\nann | 201003 | 0.9 | 2010-04-10"

    found = known_of([*STEADY[:5], *[(45, 60)] * 4], second_sim=before + NEW_SIM)

    assert found["state"] == "shrunk_unknown"


def test_until_a_label_matures_who_shows_nothing_is_censored(known_of):
    # known to 10 September, 120 days on, of which the last 70 must show what became of a member
    usage = [*STEADY[:5], (30, 95), (30, 95), (30, 95), (30, 95)]
    known = DAY + timedelta(120)

    stays = known_of(STEADY, known=known)
    diverts = known_of(usage, known=known)

    assert (stays["state"], stays["observed"]) == ("censored", 50)
    assert (diverts["state"], diverts["onset"]) == ("diverted", (date(2010, 6, 1) - DAY).days)
    assert known_of(STEADY, known=DAY + timedelta(170))["state"] == "stay"


def test_what_is_loaded_after_the_day_known_tells_nothing(known_of):
    usage = [*STEADY[:5], (30, 95), (30, 95), (30, 95), (30, 95)]

    # July's use is loaded on 3 August: until then there is one low month only
    assert known_of(usage, known=date(2010, 8, 2))["state"] == "censored"


def test_a_month_in_which_everybody_calls_less_is_no_diversion_of_anybody(drawn):
    calls = [*[(100, 100)] * 5, *[(60, 90)] * 4]  # for all of 100 members

    alone, together = (_states(drawn, {f"u{i}": calls for i in range(n)}) for n in (99, 100))

    assert alone == {"diverted"}  # with fewer than 100 the season cannot be told
    assert together == {"stay"}


NEW_SIM = "\nann | 201007 | 0.9 | 2010-08-10"


@pytest.fixture
def known_of(drawn):
    """The row of a member with this usage from January to September."""

    def row(usage, *, second_sim="", known=None):
        tables = drawn(
            member="user_id\nann",
            usage_month=_drawn_usage(usage),
            second_sim_ind=f"user_id | month | score | load_time{second_sim}",
        )
        return member_outcomes(tables, [DAY], RULE, known=known).iloc[0]

    return row


def _states(drawn, usage):
    header = _drawn_usage(STEADY).splitlines()[0]
    rows = [
        line.replace("ann", user, 1)
        for user, months in usage.items()
        for line in _drawn_usage(months).splitlines()[1:]
    ]
    tables = drawn(member="\n".join(["user_id", *usage]), usage_month="\n".join([header, *rows]))
    return set(member_outcomes(tables, [DAY], RULE)["state"])
