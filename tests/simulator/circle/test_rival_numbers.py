"""rival_number: rivals' numbers in the circles of our groups, and second SIMs among them."""

import duckdb
import numpy as np

from simulator.preset import override
from simulator.world import simulate


def test_a_rival_number_that_is_listed_talked_to_several_members(ask):
    """Edges and list agree; a number with one contact is in the edges only."""
    listed, known, alike = ask(
        """
        WITH talked AS (
            SELECT peer_key, month, any_value(peer_net) AS net, count(*) AS contacts
            FROM call_edge_month WHERE peer_net IN ('CT', 'CU') GROUP BY ALL)
        SELECT count(*) FILTER (contacts > 1), count(rival.peer_key) FILTER (contacts > 1),
               count(*) FILTER (contacts > 1 AND rival.net = talked.net
                                AND rival.alive AND n_our_contacts >= contacts)
        FROM talked LEFT JOIN rival_number AS rival USING (peer_key, month)
        """
    )[0]

    assert listed > 500
    assert known == alike == listed


def test_a_rival_number_keeps_its_net_its_prefix_and_its_first_month(ask):
    assert ask(
        """
        SELECT count(*) FROM (
            SELECT peer_key FROM rival_number GROUP BY 1
            HAVING count(DISTINCT (net, prefix3, first_seen_month)) > 1
                OR max(first_seen_month) > min(month))
        """
    ) == [(0,)]


def test_a_rival_number_that_fell_silent_is_not_alive_and_goes_off_the_list(ask):
    silent, contacts = ask(
        "SELECT count(*), max(n_our_contacts) FROM rival_number WHERE NOT alive"
    )[0]

    assert silent > 0
    assert contacts == 0
    assert ask(
        """
        SELECT max(run) FROM (
            SELECT count(*) AS run FROM (
                SELECT peer_key, alive, sum(alive::INTEGER) OVER (
                    PARTITION BY peer_key ORDER BY month) AS spell FROM rival_number)
            WHERE NOT alive GROUP BY peer_key, spell)
        """
    ) == [(2,)]


def test_a_second_number_never_shows_before_its_owner_has_it(ask, twins, went_over):
    shown = dict(ask("SELECT peer_key, min(month) FROM rival_number WHERE alive GROUP BY 1"))
    in_edges = dict(ask("SELECT peer_key, min(month) FROM call_edge_month GROUP BY 1"))

    first = {user: shown[token] for user, token in twins.items() if token in shown}
    assert len(first) > 100
    for seen in (shown, in_edges):
        for user, token in twins.items():
            if token in seen:
                assert seen[token] >= went_over[user]


def test_most_second_numbers_show_within_two_months(ask, twins):
    shown = dict(ask("SELECT peer_key, min(month) FROM rival_number WHERE alive GROUP BY 1"))
    dual = ask(
        """
        SELECT user_id FROM gt_member_state GROUP BY 1
        HAVING arg_max(state, date) = 'dual' AND max(date) < DATE '2008-08-01'
        """
    )

    assert len(dual) > 30
    assert np.mean([twins[user] in shown for (user,) in dual]) > 0.6


def test_those_who_call_a_second_number_called_the_first_one(ask, twins):
    callers = ask(
        """
        SELECT edge.peer_key, list(DISTINCT edge.user_id) FROM call_edge_month AS edge
        WHERE peer_net IN ('CT', 'CU') GROUP BY 1
        """
    )
    alters = {
        user: set(callers_)
        for user, callers_ in ask(
            """
            SELECT own.user_id, list(DISTINCT edge.user_id) FROM call_edge_month AS edge
            JOIN numbers AS own ON own.own = edge.peer_key GROUP BY 1
            """
        )
    }
    owner = {token: user for user, token in twins.items()}
    known = [
        len(alters[owner[token]] & set(users)) / len(users)
        for token, users in callers
        if token in owner and owner[token] in alters
    ]

    assert len(known) > 50
    assert np.mean(known) > 0.7


def test_the_operator_takes_the_right_number_for_a_second_one_where_he_is_right(ask, twins):
    guesses = ask(
        """
        SELECT guess.user_id, twin_peer_key, rival.alive FROM second_sim_ind AS guess
        LEFT JOIN rival_number AS rival
            ON rival.peer_key = twin_peer_key AND rival.month = guess.month
        WHERE twin_peer_key IS NOT NULL
        """
    )
    dual = {user for (user,) in ask("SELECT user_id FROM gt_member_state WHERE state = 'dual'")}

    assert len(guesses) > 50
    assert all(alive for _, _, alive in guesses)
    right = [twins[user] == token for user, token, _ in guesses if user in dual]
    assert np.mean(right) > 0.95
    assert not any(twins[user] == token for user, token, _ in guesses if user not in dual)


def test_a_group_that_moves_gets_new_rival_numbers_in_its_circle(ask):
    before, after = ask(
        """
        WITH fresh AS (
            SELECT best_group_id AS group_id, date_diff('month', date_trunc('month', moved.date),
                   strptime(month, '%Y%m')) AS since
            FROM rival_number JOIN gt_transfer AS moved ON moved.group_id = best_group_id
            WHERE first_seen_month = month)
        SELECT count(*) FILTER (since BETWEEN -2 AND -1), count(*) FILTER (since BETWEEN 0 AND 1)
        FROM fresh
        """
    )[0]

    assert after > 5 * before


def test_rival_numbers_do_not_depend_on_what_comes_later(preset, out, tmp_path):
    """A world that ends sooner delivers the same rows up to its end."""
    shorter = override(preset, {"world.months": 5, "circle.edges_months": 0})

    simulate(shorter, 3, tmp_path)

    for table in ("rival_number", "second_sim_ind"):
        query = """
            SELECT * FROM '{}/*.parquet' WHERE load_time < TIMESTAMP '2008-06-01' ORDER BY ALL
        """
        early, late = (
            duckdb.execute(query.format(folder / "landing" / table)).fetchall()
            for folder in (tmp_path, out)
        )
        assert early == late
        assert len(early) > 100
