-- The features of members and groups over the heavy tables, for one day, written by hand.
--
-- Given: a view over the Parquet files of each source table, and the variable as_of (a DATE).
-- Made: tables member_features and group_features, one row a member on net and a group.
-- Each source table is read once. Members' sums are taken first; groups add up their members.

CREATE OR REPLACE TEMP MACRO share(part, whole) AS CASE WHEN whole > 0 THEN part / whole END;
CREATE OR REPLACE TEMP MACRO fallen(now, now_n, was, was_n) AS
    CASE WHEN was > 0 THEN 1 - (now / now_n) / (was / was_n) END;
CREATE OR REPLACE TEMP MACRO log_of(x) AS ln(1 + CASE WHEN x < 0 THEN 0 ELSE x END);
CREATE OR REPLACE TEMP MACRO slope(m0, m1, m2, m3, m4, m5) AS
    (5 * (log_of(m0) - log_of(m5)) + 3 * (log_of(m1) - log_of(m4)) + log_of(m2) - log_of(m3)) / 35;
CREATE OR REPLACE TEMP MACRO tier_no(tier) AS
    list_position(['A1', 'A2', 'B1', 'B2', 'C', 'D'], tier);

-- The closed periods of the monthly tables and of the dekads, newest first.
CREATE OR REPLACE TEMP TABLE closed AS
WITH ends AS (
    SELECT last_day(first::DATE) AS ended, strftime(first, '%Y%m') AS month
    FROM range(getvariable('as_of') - INTERVAL 27 MONTH, getvariable('as_of') + INTERVAL 1 DAY,
               INTERVAL 1 MONTH) AS months (first)
), due AS (
    SELECT * FROM (VALUES ('usage', 5), ('bills', 8), ('second_sim', 10), ('snapshot', 5))
        AS promised (source, days)
)
SELECT source, month, ended, row_number() OVER (PARTITION BY source ORDER BY ended DESC) - 1 AS age
FROM ends, due
WHERE ended + days <= getvariable('as_of');

CREATE OR REPLACE TEMP TABLE closed_dekads AS
WITH days AS (
    SELECT day::DATE AS ended
    FROM range(getvariable('as_of') - INTERVAL 200 DAY, getvariable('as_of') - INTERVAL 1 DAY,
               INTERVAL 1 DAY) AS days (day)
)
SELECT
    ended,
    strftime(ended, '%Y%m') || least((day(ended) - 1) // 10, 2) + 1 AS dekad,
    row_number() OVER (ORDER BY ended DESC) - 1 AS age,
    CASE WHEN day(ended) > 20 THEN day(ended) - 20 ELSE 10 END AS length
FROM days
WHERE day(ended) IN (10, 20) OR ended = last_day(ended)
QUALIFY age < 12;

-- Who is on net, and in which group.
CREATE OR REPLACE TEMP TABLE people AS
SELECT user_id, open_date, pay_type, vip_level, status, status IN ('active', 'single_stop') AS on_net
FROM member
WHERE load_time < getvariable('as_of') + INTERVAL 1 DAY
QUALIFY row_number() OVER (PARTITION BY user_id ORDER BY load_time DESC) = 1
    AND op <> 'D' AND NOT coalesce(is_m2m, false);

CREATE OR REPLACE TEMP TABLE memberships AS
SELECT user_id, group_id, valid_from, valid_to, member_role
FROM membership_hist
WHERE load_time < getvariable('as_of') + INTERVAL 1 DAY
QUALIFY row_number() OVER (PARTITION BY user_id, group_id, valid_from ORDER BY load_time DESC) = 1
    AND op <> 'D';

CREATE OR REPLACE TEMP TABLE roster AS
WITH present AS (
    SELECT * FROM memberships
    WHERE valid_from <= getvariable('as_of') AND valid_to > getvariable('as_of')
    QUALIFY row_number() OVER (PARTITION BY user_id ORDER BY valid_from DESC, group_id) = 1
)
SELECT people.*, group_id, valid_from, member_role
FROM people JOIN present USING (user_id)
WHERE on_net;

-- What each member used in the last seven closed months.
CREATE OR REPLACE TEMP TABLE used AS
WITH known AS (
    SELECT u.*, age, ended, vnet_out_m + vnet_in_m AS vnet_m,
        calls_10000_n + calls_10010_n AS hotline_n, mou_out_m + mou_in_m AS mou_m
    FROM usage_month AS u
    JOIN closed ON u.month = closed.month AND source = 'usage' AND age < 7
    SEMI JOIN roster ON u.user_id = roster.user_id
    WHERE load_time < getvariable('as_of') + INTERVAL 1 DAY
    QUALIFY row_number() OVER (PARTITION BY u.user_id, u.month ORDER BY load_time DESC) = 1
        AND op <> 'D'
)
SELECT
    user_id,
    max(mou_out_m) FILTER (age = 0) AS o0,
    max(mou_out_m) FILTER (age = 1) AS o1,
    max(mou_out_m) FILTER (age = 2) AS o2,
    max(mou_out_m) FILTER (age = 3) AS o3,
    max(mou_out_m) FILTER (age = 4) AS o4,
    max(mou_out_m) FILTER (age = 5) AS o5,
    avg(mou_out_m) FILTER (age BETWEEN 2 AND 6) AS out_base,
    max(mou_in_m) FILTER (age = 0) AS i0,
    sum(mou_in_m) FILTER (age BETWEEN 1 AND 3) AS i13,
    count(mou_in_m) FILTER (age BETWEEN 1 AND 3) AS i13_n,
    avg(mou_in_m) FILTER (age BETWEEN 2 AND 6) AS in_base,
    sum(mou_out_m) FILTER (age BETWEEN 1 AND 3) AS o13,
    count(mou_out_m) FILTER (age BETWEEN 1 AND 3) AS o13_n,
    max(vnet_m) FILTER (age = 0) AS v0,
    max(vnet_m) FILTER (age = 1) AS v1,
    max(vnet_m) FILTER (age = 2) AS v2,
    max(vnet_m) FILTER (age = 3) AS v3,
    max(vnet_m) FILTER (age = 4) AS v4,
    max(vnet_m) FILTER (age = 5) AS v5,
    sum(vnet_m) FILTER (age BETWEEN 1 AND 3) AS v13,
    count(vnet_m) FILTER (age BETWEEN 1 AND 3) AS v13_n,
    max(vnet_out_m) FILTER (age = 0) AS vnet_out,
    max(mou_out_rival_m) FILTER (age = 0) AS r0,
    sum(mou_out_rival_m) FILTER (age BETWEEN 1 AND 3) AS r13,
    max(hotline_n) FILTER (age = 0) AS h0,
    sum(hotline_n) FILTER (age < 3) AS h02,
    count(hotline_n) FILTER (age < 3) AS h02_n,
    max(CASE WHEN NOT fwd_set_flag THEN 0 WHEN fwd_set_flag AND age < 2 THEN 1 END) AS forwards,
    count(*) FILTER (age = 0) > 0 AS arrived,
    count(*) FILTER (age < 2) > 0 AS arrived_lately,
    max(mou_m + coalesce(data_kb, 0)) FILTER (age = 0) = 0 AS silent,
    max(data_kb) FILTER (age = 0) AS data_volume,
    fallen(sum(data_kb) FILTER (age = 0), 1, sum(data_kb) FILTER (age BETWEEN 1 AND 3),
           count(data_kb) FILTER (age BETWEEN 1 AND 3)) AS data_fall,
    fallen(sum(distinct_out_n) FILTER (age = 0), 1,
           sum(distinct_out_n) FILTER (age BETWEEN 1 AND 3),
           count(distinct_out_n) FILTER (age BETWEEN 1 AND 3)) AS numbers_called_fall,
    count(mou_out_m) AS months_known,
    share(sum(mou_out_m) FILTER (age = 0 AND active_days IS NOT NULL),
          sum(active_days) FILTER (age = 0 AND mou_out_m IS NOT NULL)) AS a_day,
    share(sum(mou_out_m) FILTER (age BETWEEN 1 AND 3 AND active_days IS NOT NULL),
          sum(active_days) FILTER (age BETWEEN 1 AND 3 AND mou_out_m IS NOT NULL)) AS a_day_before,
    share(max(mou_in_m) FILTER (age = 0), max(mou_out_m) FILTER (age = 0)) AS in_out,
    share(sum(mou_in_m) FILTER (age BETWEEN 1 AND 3 AND mou_out_m IS NOT NULL),
          sum(mou_out_m) FILTER (age BETWEEN 1 AND 3 AND mou_in_m IS NOT NULL)) AS in_out_before,
    share(sum(mou_toll_m) FILTER (age < 3 AND mou_m IS NOT NULL),
          sum(mou_m) FILTER (age < 3 AND mou_toll_m IS NOT NULL)) AS toll_share,
    share(sum(mou_roam_m) FILTER (age < 3 AND mou_m IS NOT NULL),
          sum(mou_m) FILTER (age < 3 AND mou_roam_m IS NOT NULL)) AS roam_share,
    max(active_days) FILTER (age = 0) AS days_active,
    max(CASE WHEN last_active_date > ended THEN 0 ELSE ended - last_active_date END)
        FILTER (age = 0) AS days_unused,
    sum(calls_10086_n) FILTER (age < 3) AS hotline_calls,
    count(*) FILTER (sms_short_out_n > 0 AND age < 6) AS short_sms_months
FROM known
GROUP BY user_id;

-- What each member paid in the last twelve.
CREATE OR REPLACE TEMP TABLE paid AS
WITH known AS (
    SELECT b.*, age
    FROM bill_month AS b
    JOIN closed ON b.month = closed.month AND source = 'bills' AND age < 12
    SEMI JOIN roster ON b.user_id = roster.user_id
    WHERE load_time < getvariable('as_of') + INTERVAL 1 DAY
    QUALIFY row_number() OVER (PARTITION BY b.user_id, b.month ORDER BY load_time DESC) = 1
        AND op <> 'D'
)
SELECT
    user_id,
    max(arpu_fen) FILTER (age = 0) AS b0,
    max(arpu_fen) FILTER (age = 1) AS b1,
    max(arpu_fen) FILTER (age = 2) AS b2,
    max(arpu_fen) FILTER (age = 3) AS b3,
    max(arpu_fen) FILTER (age = 4) AS b4,
    max(arpu_fen) FILTER (age = 5) AS b5,
    sum(arpu_fen) FILTER (age BETWEEN 1 AND 3) AS b13,
    count(arpu_fen) FILTER (age BETWEEN 1 AND 3) AS b13_n,
    sum(arpu_fen) FILTER (age < 3) AS b02,
    sum(greatest(arpu_fen, 0)) FILTER (age < 3) AS value_fen,
    count(*) FILTER (arpu_fen < 5000 AND age < 6) AS low_bill_months,
    count(*) FILTER (arpu_fen < 5000 AND left(month, 4)::INT = year(getvariable('as_of')))
        AS low_bill_months_this_year,
    max(arrears_fen) FILTER (age = 0) AS arrears,
    count(*) FILTER (plan_change = 'down' AND age < 6) AS plan_downgrades,
    max(recharge_fen) FILTER (age = 0) AS recharged,
    fallen(sum(recharge_n) FILTER (age = 0), 1, sum(recharge_n) FILTER (age BETWEEN 1 AND 3),
           count(recharge_n) FILTER (age BETWEEN 1 AND 3)) AS recharge_fall,
    getvariable('as_of') - max(last_recharge_date) FILTER (age < 7) AS days_since_recharge,
    share(sum(overage_fen) FILTER (age < 3),
          sum(arpu_fen) FILTER (age < 3 AND overage_fen IS NOT NULL)) AS overage,
    count(*) FILTER (recharge_n > 0 AND age < 6) AS recharge_months,
    max(bonus_return_fen) FILTER (age = 0) AS bonus_returned,
    max(balance_end_fen) FILTER (age = 0) AS balance_end,
    share(sum(unified_paid_fen) FILTER (age < 3),
          sum(arpu_fen) FILTER (age < 3 AND unified_paid_fen IS NOT NULL)) AS company_paid
FROM known
GROUP BY user_id;

-- What each did in the last twelve dekads, beside what everybody did in them.
CREATE OR REPLACE TEMP TABLE lately AS
WITH known AS (
    SELECT u.*, age, length, least(length, ended - open_date + 1) AS days
    FROM usage_dekad AS u
    JOIN closed_dekads USING (dekad)
    JOIN roster USING (user_id)
    WHERE load_time < getvariable('as_of') + INTERVAL 1 DAY
    QUALIFY row_number() OVER (PARTITION BY user_id, dekad ORDER BY load_time DESC) = 1
        AND u.op <> 'D'
), everybody AS (
    SELECT
        age,
        sum(mou_out_m) * 1000 // sum(days) FILTER (mou_out_m IS NOT NULL) AS usual_out,
        sum(mou_in_m) * 1000 // sum(days) FILTER (mou_in_m IS NOT NULL) AS usual_in,
        sum(data_kb) * 1000 // sum(days) FILTER (data_kb IS NOT NULL) AS usual_data
    FROM known
    WHERE days = length
    GROUP BY age
)
SELECT
    user_id,
    sum(mou_out_m) FILTER (age < 3) AS o_now,
    sum(mou_out_m) FILTER (age > 2) AS o_was,
    sum(usual_out * days) FILTER (age < 3) AS uo_now,
    sum(usual_out * days) FILTER (age > 2) AS uo_was,
    max(mou_out_m) FILTER (age = 0) AS o_newest,
    max(usual_out * days) FILTER (age = 0) AS uo_newest,
    sum(mou_in_m) FILTER (age < 3) AS i_now,
    sum(mou_in_m) FILTER (age > 2) AS i_was,
    sum(usual_in * days) FILTER (age < 3) AS ui_now,
    sum(usual_in * days) FILTER (age > 2) AS ui_was,
    sum(mou_rival_m) FILTER (age < 3) AS r_now,
    sum(mou_rival_m) FILTER (age > 2) AS r_was,
    sum(vnet_m) FILTER (age < 3) AS v_now,
    sum(vnet_m) FILTER (age > 2) AS v_was,
    sum(mou_out_m + mou_in_m) FILTER (age < 3) AS m_now,
    sum(mou_out_m + mou_in_m) FILTER (age > 2) AS m_was,
    count(*) FILTER (age = 0) > 0 AS known,
    count(*) FILTER (age = 0 AND (mou_out_m + mou_in_m > 0 OR data_kb > 0)) > 0 AS active,
    share(o_now, sum(days) FILTER (age < 3 AND mou_out_m IS NOT NULL)) AS outgoing_a_day,
    share(share(o_now, uo_now), share(o_was, uo_was)) AS outgoing_level,
    share(share(i_now, ui_now), share(i_was, ui_was)) AS incoming_level,
    share(share(o_newest, uo_newest), share(o_was, uo_was)) AS outgoing_level_newest,
    share(sum(active_days) FILTER (age < 3),
          sum(days) FILTER (age < 3 AND active_days IS NOT NULL)) AS active_share,
    sum(greatest(days - active_days, 0)) FILTER (age < 3 AND active_days IS NOT NULL)
        AS silence_days,
    share(r_now, sum(mou_out_m) FILTER (age < 3 AND mou_rival_m IS NOT NULL)) AS rival_share,
    share(r_was, sum(mou_out_m) FILTER (age > 2 AND mou_rival_m IS NOT NULL)) AS rival_share_was,
    sum(calls_100xx_n) FILTER (age < 3) AS rival_hotline,
    share(v_now, sum(mou_out_m) FILTER (age < 3 AND vnet_m IS NOT NULL))
        - share(v_was, sum(mou_out_m) FILTER (age > 2 AND vnet_m IS NOT NULL)) AS vnet_share_rise,
    share(share(sum(data_kb) FILTER (age < 3), sum(usual_data * days) FILTER (age < 3)),
          share(sum(data_kb) FILTER (age > 2), sum(usual_data * days) FILTER (age > 2)))
        AS data_level,
    share(share(sum(sms_out_n) FILTER (age < 3),
                sum(days) FILTER (age < 3 AND sms_out_n IS NOT NULL)),
          share(sum(sms_out_n) FILTER (age > 2),
                sum(days) FILTER (age > 2 AND sms_out_n IS NOT NULL))) AS sms_level
FROM known LEFT JOIN everybody USING (age)
WHERE days > 0
GROUP BY user_id;

-- Second SIMs that the operator's rules found.
CREATE OR REPLACE TEMP TABLE second_sims AS
WITH known AS (
    SELECT s.*, age, ended
    FROM second_sim_ind AS s
    JOIN closed ON s.month = closed.month AND source = 'second_sim' AND age < 12
    SEMI JOIN roster ON s.user_id = roster.user_id
    WHERE load_time < getvariable('as_of') + INTERVAL 1 DAY
    QUALIFY row_number() OVER (PARTITION BY s.user_id, s.month ORDER BY load_time DESC) = 1
        AND op <> 'D'
)
SELECT
    user_id,
    max(score) FILTER (age < 6) AS score,
    count(score) FILTER (age < 3) AS recent,
    getvariable('as_of') - min(ended) AS since,
    count(*) FILTER (age < 6) > 0 AND count(*) FILTER (age BETWEEN 3 AND 5) = 0 AS is_new
FROM known
GROUP BY user_id;

-- Tickets, without those that are the loss itself.
CREATE OR REPLACE TEMP TABLE asked AS
WITH known AS (
    SELECT t.*, getvariable('as_of') - open_time::DATE AS age,
        cat NOT IN ('cancel_request', 'mnp_query') AS asks
    FROM ticket AS t
    SEMI JOIN roster ON t.user_id = roster.user_id
    WHERE load_time < getvariable('as_of') + INTERVAL 1 DAY
    QUALIFY row_number() OVER (PARTITION BY ticket_id ORDER BY load_time DESC) = 1 AND op <> 'D'
)
SELECT
    user_id,
    count(*) FILTER (asks AND age < 90) AS tickets,
    count(*) FILTER (asks AND age < 90 AND NOT coalesce(resolved, false)) AS unsolved,
    arg_min(csat, (age, csat)) FILTER (asks AND csat IS NOT NULL) AS last_satisfaction,
    count(*) FILTER (cat IN ('billing', 'tariff') AND age < 90) AS price_tickets,
    count(*) FILTER (cat IN ('network', 'product_fault') AND age < 90) AS fault_tickets,
    count(*) FILTER (asks AND age < 90 AND (severity = 4 OR csat <= 2)) AS bad_tickets
FROM known
WHERE age BETWEEN 0 AND 179
GROUP BY user_id;

-- Contracts: of members, and of groups.
CREATE OR REPLACE TEMP TABLE agreed AS
SELECT
    user_id, group_id, type, min_spend_fen,
    start_date - getvariable('as_of') AS starts, end_date - getvariable('as_of') AS ends,
    coalesce(bonus_fen, 0) AS bonus, coalesce(subsidy_cost_fen, 0) AS subsidy,
    starts <= 0 AND ends > 0 AS binds, binds AND status <> 'broken' AS live,
    CASE
        WHEN penalty_rule = 'fixed' THEN greatest(bonus, subsidy)
        WHEN penalty_rule IN ('forfeit_bonus', 'pct_remaining')
            THEN greatest(bonus, subsidy) * ends // (end_date - start_date)
        ELSE 0
    END AS penalty,
    type IN ('points_vnet', 'strategic_coop', 'dedicated_line_term') AS of_group
FROM contract
WHERE load_time < getvariable('as_of') + INTERVAL 1 DAY
QUALIFY row_number() OVER (PARTITION BY contract_id ORDER BY load_time DESC) = 1 AND op <> 'D';

CREATE OR REPLACE TEMP TABLE held AS
SELECT
    user_id,
    count(*) FILTER (live) AS contracts_live,
    max(ends) FILTER (live) AS days_to_contract_end,
    count(*) FILTER (ends <= 0 AND ends > -60) AS just_ended,
    count(*) FILTER (live AND type = 'handset_guarantee') AS handsets,
    sum(subsidy + bonus) FILTER (live) AS subsidy_value,
    max(min_spend_fen) FILTER (live) AS min_spend,
    count(DISTINCT type) FILTER (live) AS kinds_running,
    list(DISTINCT type) FILTER (binds) AS kinds,
    min(ends) FILTER (binds) AS next_end,
    bool_or(binds) AS locked_0,
    bool_or(starts <= 30 AND ends > 30) AS locked_30,
    bool_or(starts <= 60 AND ends > 60) AS locked_60,
    bool_or(starts <= 90 AND ends > 90) AS locked_90,
    count(*) FILTER (ends <= 0 AND ends > -90) AS ended,
    sum(penalty) FILTER (binds) AS penalty,
    sum(bonus) FILTER (binds) AS bonus
FROM agreed
WHERE user_id IS NOT NULL
GROUP BY user_id;

CREATE OR REPLACE TEMP TABLE of_members AS
SELECT
    roster.user_id, roster.group_id, member_role, getvariable('as_of') - open_date AS tenure_days,
    getvariable('as_of') - valid_from AS days_in_group,
    member_role IN ('key_person', 'contact', 'key_member') AS is_key_member,
    pay_type = 'prepaid' AS is_prepaid, status = 'single_stop' AS is_barred,
    CASE WHEN vip_level IS NOT NULL THEN
        coalesce(list_position(['vip', 'silver', 'gold', 'diamond'], vip_level), 0) END AS vip_rank,
    o0 AS mou_out, i0 AS mou_in, fallen(o0, 1, o13, o13_n) AS mou_out_fall,
    fallen(i0, 1, i13, i13_n) AS mou_in_fall, mou_out_fall - mou_in_fall AS diversion_gap,
    out_base > 0 AND o0 <= 0.65 * out_base AND o1 <= 0.65 * out_base AND i0 >= 0.7 * in_base
        AS outgoing_low,
    silent, data_volume, data_fall, coalesce(months_known, 0) AS months_known,
    CASE WHEN a_day_before > 0 THEN 1 - a_day / a_day_before END AS active_day_out_fall,
    share(in_out, in_out_before) AS in_out_ratio_change, numbers_called_fall,
    toll_share, roam_share, days_active, days_unused, hotline_calls,
    share(r0, o0) AS rival_share_out, share(r0, o0) - share(r13, o13) AS rival_share_rise,
    h02 AS rival_hotline_calls, forwards AS forwards_to_rival, v0 AS vnet_minutes,
    share(vnet_out, o0) AS vnet_share, fallen(v0, 1, v13, v13_n) AS vnet_fall, short_sms_months,
    b0 AS arpu, fallen(b0, 1, b13, b13_n) AS arpu_fall, low_bill_months, arrears, plan_downgrades,
    recharged, recharge_fall, days_since_recharge, slope(b0, b1, b2, b3, b4, b5) AS arpu_slope,
    CASE WHEN overage > 1 THEN 1 ELSE overage END AS overage_share, low_bill_months_this_year,
    recharge_months, bonus_returned, balance_end,
    CASE WHEN company_paid > 1 THEN 1 ELSE company_paid END AS company_paid_share,
    outgoing_a_day, outgoing_level, incoming_level, outgoing_level_newest,
    incoming_level - outgoing_level AS level_gap,
    CASE WHEN active_share > 1 THEN 1 ELSE active_share END AS active_share, silence_days,
    rival_share AS rival_share_dekads, rival_share - rival_share_was AS rival_share_dekads_rise,
    rival_hotline AS rival_hotline_dekads, vnet_share_rise AS vnet_share_dekads_rise,
    data_level, sms_level,
    coalesce(score, 0) AS second_sim_score, coalesce(recent, 0) AS second_sim_recent,
    since AS second_sim_days, coalesce(asked.tickets, 0) AS own_tickets,
    coalesce(unsolved, 0) AS own_tickets_unsolved, last_satisfaction,
    coalesce(contracts_live, 0) AS contracts_live, days_to_contract_end,
    coalesce(just_ended, 0) AS contracts_just_ended, coalesce(handsets, 0) AS guaranteed_handsets,
    coalesce(subsidy_value, 0) AS subsidy_value, coalesce(min_spend, 0) AS min_spend,
    coalesce(kinds_running, 0) AS kinds_running, coalesce(penalty, 0) AS penalty_now,
    coalesce(just_ended > 0 AND contracts_live = 0, false) AS freed_lately
FROM roster
LEFT JOIN used USING (user_id)
LEFT JOIN paid USING (user_id)
LEFT JOIN lately USING (user_id)
LEFT JOIN second_sims USING (user_id)
LEFT JOIN asked USING (user_id)
LEFT JOIN held USING (user_id);

CREATE OR REPLACE TEMP TABLE member_features AS
SELECT user_id, group_id, COLUMNS(* EXCLUDE (user_id, group_id, member_role))::DOUBLE
FROM of_members;

-- Groups: what their members' features say,
CREATE OR REPLACE TEMP TABLE by_features AS
SELECT
    group_id,
    count(*) AS members,
    count(*) FILTER (is_key_member) AS key_members,
    count(*) FILTER (member_role IN ('contact', 'key_person')) AS contacts_on_record,
    count(*) FILTER (second_sim_recent > 0) AS second_sims_recent,
    count(*) FILTER (second_sim_score > 0) / members AS second_sim_share,
    count(*) FILTER (forwards_to_rival = 1) AS forwarding_members,
    count(*) FILTER (low_bill_months > 0) / members AS low_bill_share,
    count(*) FILTER (arrears > 0) / members AS arrears_share,
    count(*) FILTER (vnet_minutes > 0) / members AS vnet_active_share,
    count(*) FILTER (short_sms_months > 0) / members AS short_sms_share,
    count(*) FILTER (contracts_live > 0) / members AS lock_share,
    share(count(*) FILTER (is_key_member AND contracts_live > 0), key_members) AS key_lock_share,
    count(*) FILTER (freed_lately) / members AS freed_share,
    count(*) FILTER (guaranteed_handsets > 0) / members AS guaranteed_share,
    sum(subsidy_value) / members AS subsidy_per_member,
    count(*) FILTER (is_key_member AND silent) AS key_members_silent,
    count(*) FILTER (is_key_member AND rival_share_rise >= 0.1) AS key_members_call_rivals,
    count(*) FILTER (mou_out_fall >= 0.4 AND mou_in_fall < 0.25) AS one_sided_members,
    count(*) FILTER (outgoing_low) / members AS outgoing_low_share,
    members - count(*) FILTER (outgoing_low) AS undiverted_members,
    count(*) FILTER (silent) / members AS silent_share,
    count(*) FILTER (is_key_member AND (second_sim_recent > 0
        OR mou_out_fall >= 0.4 AND mou_in_fall < 0.25)) AS key_members_diverting
FROM of_members
GROUP BY group_id;

-- what their members used and paid together,
CREATE OR REPLACE TEMP TABLE by_sums AS
SELECT
    group_id,
    avg(o0) AS group_mou_out, fallen(sum(o0), count(o0), sum(o13), sum(o13_n)) AS group_out_fall,
    fallen(sum(i0), count(i0), sum(i13), sum(i13_n)) AS group_in_fall,
    slope(avg(o0), avg(o1), avg(o2), avg(o3), avg(o4), avg(o5)) AS group_out_slope,
    avg(v0) AS group_vnet_minutes, share(sum(vnet_out), sum(o0)) AS group_vnet_share,
    fallen(sum(v0), count(v0), sum(v13), sum(v13_n)) AS group_vnet_fall,
    slope(avg(v0), avg(v1), avg(v2), avg(v3), avg(v4), avg(v5)) AS group_vnet_slope,
    share(sum(r0), sum(o0)) AS group_rival_share,
    share(sum(r0), sum(o0)) - share(sum(r13), sum(o13)) AS group_rival_rise,
    avg(h0) AS hotline_rate, share(sum(h02), sum(h02_n)) AS hotline_rate_quarter,
    share(count(*) FILTER (arrived), count(*) FILTER (arrived_lately)) AS usage_arrived,
    avg(b0) AS group_arpu, fallen(sum(b0), count(b0), sum(b13), sum(b13_n)) AS group_arpu_fall,
    slope(avg(b0), avg(b1), avg(b2), avg(b3), avg(b4), avg(b5)) AS group_arpu_slope,
    share(share(sum(o_newest), sum(uo_newest)), share(sum(o_was), sum(uo_was)))
        AS group_out_level_dekad,
    share(share(sum(o_now), sum(uo_now)), share(sum(o_was), sum(uo_was))) AS group_out_level_dekads,
    share(share(sum(i_now), sum(ui_now)), share(sum(i_was), sum(ui_was))) AS group_in_level_dekads,
    group_in_level_dekads - group_out_level_dekads AS group_diversion_gap_dekad,
    share(sum(r_now), sum(o_now)) - share(sum(r_was), sum(o_was)) AS group_rival_rise_dekad,
    share(count(*) FILTER (known AND NOT active), count(*) FILTER (known)) AS silent_share_dekad,
    count(*) FILTER (is_new) AS second_sims_new,
    coalesce(sum(tickets), 0) AS tickets, coalesce(sum(price_tickets), 0) AS price_tickets,
    coalesce(sum(unsolved), 0) AS open_tickets, coalesce(sum(fault_tickets), 0) AS fault_tickets,
    coalesce(sum(bad_tickets), 0) AS bad_tickets,
    len(list_distinct(flatten(list(kinds) FILTER (kinds IS NOT NULL)))) AS contract_kinds,
    min(next_end) AS days_to_next_end,
    count(*) FILTER (locked_0 AND NOT locked_30) / count(*) AS ending_share_30,
    count(*) FILTER (locked_0 AND NOT locked_90) / count(*) AS ending_share_90,
    coalesce(sum(value_fen), 0) AS value,
    share(coalesce(sum(value_fen) FILTER (locked_0 AND NOT locked_30), 0), value)
        AS ending_value_share_30,
    share(coalesce(sum(value_fen) FILTER (locked_0 AND NOT locked_60), 0), value)
        AS ending_value_share_60,
    share(coalesce(sum(value_fen) FILTER (locked_0 AND NOT locked_90), 0), value)
        AS ending_value_share_90,
    share(coalesce(sum(value_fen) FILTER (locked_0), 0), value) AS lock_value_share,
    count(*) FILTER (locked_30) / count(*) AS lock_share_in_30,
    count(*) FILTER (locked_60) / count(*) AS lock_share_in_60,
    count(*) FILTER (locked_90) / count(*) AS lock_share_in_90,
    share(count(*) FILTER (ended > 0 AND NOT locked_0), count(*) FILTER (ended > 0))
        AS unrenewed_share,
    coalesce(sum(penalty), 0) / count(*) AS penalty_per_member,
    coalesce(sum(bonus), 0) / count(*) AS bonus_per_member
FROM roster
LEFT JOIN used USING (user_id)
LEFT JOIN paid USING (user_id)
LEFT JOIN lately USING (user_id)
LEFT JOIN second_sims USING (user_id)
LEFT JOIN asked USING (user_id)
LEFT JOIN held USING (user_id)
GROUP BY group_id;

-- who came and went, who visited, what was agreed with the group itself,
CREATE OR REPLACE TEMP TABLE by_memberships AS
WITH dated AS (
    SELECT m.group_id, on_net, valid_from - getvariable('as_of') AS began,
        valid_to - getvariable('as_of') AS ends,
        on_net IS NOT NULL AND began <= 0 AND ends > -180 AS counts
    FROM memberships AS m LEFT JOIN people USING (user_id)
)
SELECT
    group_id,
    count(*) FILTER (ends <= 0 AND ends > -90) AS members_left,
    count(*) FILTER (began <= 0 AND began > -90) AS members_joined,
    count(*) FILTER (counts AND on_net AND ends > 0) AS there,
    count(*) FILTER (counts AND on_net AND ends > 0 AND began > -90) AS new,
    count(*) FILTER (counts AND NOT on_net AND ends <= 0 AND ends > -30) AS gone_30,
    count(*) FILTER (counts AND NOT on_net AND ends <= 0 AND ends > -90) AS gone_90,
    count(*) FILTER (counts AND NOT on_net AND ends <= 0) AS gone_180
FROM dated
GROUP BY group_id;

CREATE OR REPLACE TEMP TABLE by_visits AS
WITH known AS (
    SELECT *, getvariable('as_of') - visit_date AS age
    FROM visit
    WHERE load_time < getvariable('as_of') + INTERVAL 1 DAY
    QUALIFY row_number() OVER (PARTITION BY visit_id ORDER BY load_time DESC) = 1 AND op <> 'D'
)
SELECT
    group_id,
    count(*) FILTER (age < 90) AS visits,
    count(*) FILTER (contact_role = 'key_person') AS key_person_visits,
    min(age) AS days_since_visit,
    count(*) FILTER (result = 'rival_mention' AND age < 180) AS rival_mentions,
    count(*) FILTER (type IN ('care', 'key_person') AND age < 180) AS care_visits,
    count(*) FILTER ((type = 'complaint' OR result = 'complaint') AND age < 180)
        AS complaint_visits,
    count(*) FILTER (type = 'project') AS project_visits
FROM known
WHERE age BETWEEN 0 AND 364
GROUP BY group_id;

CREATE OR REPLACE TEMP TABLE by_agreements AS
SELECT
    group_id,
    count(DISTINCT type) FILTER (binds AND of_group) AS agreement_kinds,
    max(ends) FILTER (binds AND of_group) AS days_to_agreement_end,
    avg(ends) FILTER (binds AND type = 'handset_guarantee') AS guaranteed_days_left
FROM agreed
WHERE group_id IS NOT NULL
GROUP BY group_id;

-- and its snapshots.
CREATE OR REPLACE TEMP TABLE snapshots AS
SELECT s.*, age
FROM group_snapshot AS s
JOIN closed ON s.month = closed.month AND source = 'snapshot' AND age < 24
WHERE load_time < getvariable('as_of') + INTERVAL 1 DAY
QUALIFY row_number() OVER (PARTITION BY group_id, s.month ORDER BY load_time DESC) = 1
    AND op <> 'D';

CREATE OR REPLACE TEMP TABLE by_snapshots AS
WITH last_in AS (
    SELECT group_id, tier, min(age) AS last, min(min(age)) OVER (PARTITION BY group_id) AS newest
    FROM snapshots
    GROUP BY group_id, tier
), changed AS (
    SELECT group_id, min(last - newest) FILTER (last > newest AND tier_no(tier) > 0) AS months
    FROM last_in
    GROUP BY group_id
)
SELECT
    group_id, any_value(months) AS months_since_tier_change,
    fallen(sum(unified_pay_revenue_li) FILTER (age = 0), 1,
           sum(unified_pay_revenue_li) FILTER (age BETWEEN 1 AND 3),
           count(unified_pay_revenue_li) FILTER (age BETWEEN 1 AND 3)) AS unified_pay_fall,
    max(arrears_fen) FILTER (age = 0) - max(arrears_fen) FILTER (age = 3) AS group_arrears_rise,
    count(DISTINCT tier) FILTER (age < 12) AS tiers_in_a_year,
    max(value_score) FILTER (age = 0) - max(value_score) FILTER (age = 12) AS value_change,
    max(value_score) FILTER (age = 0) - max(value_score) FILTER (age = 3) AS recent_value_change,
    tier_no(max(tier) FILTER (age = 12)) - tier_no(max(tier) FILTER (age = 0)) AS tier_rise
FROM snapshots JOIN changed USING (group_id)
GROUP BY group_id;

CREATE OR REPLACE TEMP TABLE group_features AS
WITH newest AS (
    SELECT * FROM snapshots WHERE age < 3
    QUALIFY age = min(age) OVER (PARTITION BY group_id)
), of_groups AS (
    SELECT
        g.group_id, g.tier, by_features.* EXCLUDE (group_id, members, key_members,
            contacts_on_record, second_sims_recent, forwarding_members, key_members_silent,
            key_members_call_rivals, one_sided_members, undiverted_members, key_members_diverting),
        by_sums.* EXCLUDE (group_id, value, second_sims_new, tickets, price_tickets, open_tickets,
            fault_tickets, bad_tickets, contract_kinds),
        COALESCE(COLUMNS(['members', 'key_members', 'contacts_on_record', 'second_sims_recent',
            'forwarding_members', 'key_members_silent', 'key_members_call_rivals',
            'one_sided_members', 'undiverted_members', 'key_members_diverting', 'second_sims_new',
            'tickets', 'price_tickets', 'open_tickets', 'fault_tickets', 'bad_tickets',
            'contract_kinds', 'members_left', 'members_joined', 'visits', 'key_person_visits',
            'rival_mentions', 'care_visits', 'complaint_visits', 'project_visits',
            'agreement_kinds']), 0),
        share(new, there) AS joined_share, share(gone_30, gone_30 + there) AS gone_share_30,
        share(gone_90, gone_90 + there) AS gone_share_90,
        share(gone_180, gone_180 + there) AS gone_share_180,
        days_since_visit, days_to_agreement_end, guaranteed_days_left,
        by_snapshots.* EXCLUDE (group_id),
        days_to_agreement_end IS NOT NULL AS agreement_live,
        group_out_fall - group_in_fall AS group_diversion_gap,
        arrears_fen > 0 AS group_in_arrears, unified_pay_flag AS unified_pay,
        share(mobile_revenue_fen, active_members) AS mobile_revenue_per_number,
        share(fixed_revenue_fen, mobile_revenue_fen + fixed_revenue_fen) AS fixed_revenue_share,
        mobile_revenue_fen + fixed_revenue_fen AS group_revenue,
        value_score AS group_value, value_rank AS value_segment,
        getvariable('as_of') - sign_date AS days_since_signed,
        share(inactive_members + suspended_members,
              inactive_members + suspended_members + active_members) AS inactive_share,
        suspended_members > 0 AS has_suspended, active_members AS active_numbers,
        am_staff_id IS NOT NULL AS managed, tier_no(g.tier) AS tier_rank,
        tier_assign_mode = 'manual' AS tier_by_hand,
        is_target_market OR is_double_top100 AS strategic_account,
        parent_group_id IS NOT NULL AS in_parent_group, register_headcount AS declared_headcount,
        ownership IN ('gov', 'institution', 'SOE') AS publicly_owned,
        industry_l1 = 'trade' AS in_trade,
        industry_l1 IN ('manufacturing', 'construction') AS in_building_or_making,
        industry_l1 IN ('hotel_catering', 'transport_logistics', 'services') AS in_services
    FROM newest AS g
    LEFT JOIN by_features USING (group_id)
    LEFT JOIN by_sums USING (group_id)
    LEFT JOIN by_memberships USING (group_id)
    LEFT JOIN by_visits USING (group_id)
    LEFT JOIN by_agreements USING (group_id)
    LEFT JOIN by_snapshots USING (group_id)
), derived AS (
    SELECT *, share(members, declared_headcount) AS penetration,
        share(members_left, members + members_left) AS left_share,
        share(tickets, members) AS ticket_rate, share(one_sided_members, members) AS one_sided_share,
        members_joined - members_left AS net_additions
    FROM of_groups
)
SELECT group_id, tier, COLUMNS(* EXCLUDE (group_id, tier))::DOUBLE FROM derived;
