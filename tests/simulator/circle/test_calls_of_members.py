"""call_edge_month: who talks to whom."""

import pytest

from simulator.dekads import months
from simulator.preset import load


def test_edges_come_for_the_last_months_only_and_rival_numbers_for_all(ask, preset):
    every = [month.code for month in months("2008-01", preset.world.months)]

    def told(table):
        return [row[0] for row in ask(f"SELECT DISTINCT month FROM {table} ORDER BY 1")]

    assert told("call_edge_month") == every[-preset.circle.edges_months :]
    assert told("rival_number") == every


def test_no_edges_are_asked_for_unless_somebody_does():
    assert load("toy").circle.edges_months == 0


def test_a_member_talks_to_about_25_numbers(ask):
    each = ask("SELECT count(*) / count(DISTINCT (user_id, month)) FROM call_edge_month")[0][0]

    assert each == pytest.approx(24, abs=3)


def test_no_edge_has_fewer_than_two_calls(ask):
    assert ask("SELECT min(n_out + n_in) FROM call_edge_month") == [(2,)]


def test_both_ends_of_an_edge_between_members_tell_the_same(ask):
    edges, alike = ask(
        """
        SELECT count(*), count(*) FILTER (
            mine.n_out = theirs.n_in AND mine.sec_out = theirs.sec_in
            AND mine.n_short = theirs.n_short AND mine.night_share = theirs.night_share
            AND mine.first_seen_month = theirs.first_seen_month)
        FROM call_edge_month AS mine
        JOIN numbers AS one ON mine.user_id = one.user_id
        JOIN numbers AS other ON mine.peer_key = other.own
        LEFT JOIN call_edge_month AS theirs ON theirs.user_id = other.user_id
            AND theirs.peer_key = one.own AND theirs.month = mine.month
        """
    )[0]

    assert edges > 10_000
    assert alike == edges


def test_peers_inside_our_groups_are_members_known_by_their_own_number(ask):
    named, members = ask(
        """
        SELECT count(*), count(own) FROM call_edge_month LEFT JOIN numbers ON peer_key = own
        WHERE peer_net IN ('CM_same_group', 'CM_group_other')
        """
    )[0]

    assert named == members
    assert ask(
        """
        SELECT count(*) FROM call_edge_month
        WHERE (peer_group_id IS NOT NULL) <> (peer_net IN ('CM_same_group', 'CM_group_other'))
        """
    ) == [(0,)]


def test_edges_of_a_member_sum_up_to_his_minutes(ask):
    """A billed minute is talked for 43 seconds on average; single calls are left out."""
    sums = ask(
        """
        WITH talked AS (
            SELECT user_id, month,
                   sum(sec_out) FILTER (peer_net LIKE 'CM%') AS onnet,
                   sum(sec_out) FILTER (peer_net IN ('CT', 'CU')) AS rival,
                   sum(sec_in) FILTER (peer_net LIKE 'CM%') AS onnet_in
            FROM call_edge_month GROUP BY ALL)
        SELECT avg(onnet) / avg(mou_out_onnet_m), corr(onnet, mou_out_onnet_m),
               avg(rival) / avg(mou_out_rival_m), corr(rival, mou_out_rival_m),
               avg(onnet_in) / avg(mou_in_onnet_m), corr(onnet_in, mou_in_onnet_m)
        FROM talked JOIN usage_month USING (user_id, month)
        """
    )[0]

    assert sums[0::2] == pytest.approx([43, 43, 43], abs=4)
    assert min(sums[1::2]) > 0.9


def test_most_vnet_minutes_stay_inside_the_group(ask):
    """V-net users are those with a short number; 70 % of their V-net minutes go to colleagues."""
    inside, alike = ask(
        """
        WITH users AS (SELECT DISTINCT user_id FROM membership_hist WHERE short_no IS NOT NULL),
        inside AS (
            SELECT edge.user_id, month, sum(sec_out) / 43 AS minutes
            FROM call_edge_month AS edge JOIN numbers ON peer_key = own
            WHERE peer_net = 'CM_same_group' AND numbers.user_id IN (FROM users) GROUP BY ALL)
        SELECT avg(minutes) / avg(vnet_out_m), corr(minutes, vnet_out_m)
        FROM usage_month JOIN inside USING (user_id, month)
        WHERE user_id IN (FROM users) AND vnet_out_m > 0
        """
    )[0]

    assert inside == pytest.approx(0.7, abs=0.05)
    assert alike > 0.8


def test_the_numbers_that_a_member_talks_to_stay_the_same_from_month_to_month(ask):
    """Ordinary contacts keep their numbers for some years."""
    kept = ask(
        """
        SELECT avg((later.user_id IS NOT NULL)::INTEGER)
        FROM call_edge_month AS early LEFT JOIN call_edge_month AS later
            ON later.user_id = early.user_id AND later.peer_key = early.peer_key
            AND later.month = '200809'
        WHERE early.month = '200808' AND early.n_out + early.n_in > 8
            AND early.user_id IN (SELECT user_id FROM call_edge_month WHERE month = '200809')
        """
    )[0][0]

    assert kept > 0.85
