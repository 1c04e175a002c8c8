"""What members and groups hold on the evening on which the document was written.

Each function gives rows (numerator, denominator), one for each group.
"""

# ruff: noqa: S608 - writing SQL is the purpose; dates and numbers come from the world itself
from __future__ import annotations

from datetime import date, timedelta

from simulator.sheet.reading import Row, World

OCTOBER, SEPTEMBER = 10, 9


def key_bundling(world: World) -> list[Row]:
    """Key members of the double top hundred, and those of them under contract."""
    day = world.report_day(OCTOBER)
    return world.ask(
        f"""
        WITH bound AS (
            SELECT DISTINCT user_id FROM agreement WHERE {_live(day)} AND user_id IS NOT NULL
        )
        SELECT count(bound.user_id), count(*)
        FROM membership JOIN groups USING (group_id) LEFT JOIN bound USING (user_id)
        WHERE top AND member_role <> 'ordinary' AND {_held(day)} GROUP BY group_id
        """
    )


def signed(world: World) -> list[Row]:
    """A and B groups, and those of them with a points agreement."""
    return world.ask(
        f"""
        WITH signed AS ({_signed_groups(world.report_day(OCTOBER))})
        SELECT CAST(signed.group_id IS NOT NULL AS INTEGER), 1
        FROM groups LEFT JOIN signed USING (group_id) WHERE tier <> 'C'
        """
    )


def signed_size(world: World) -> list[Row]:
    """Members of each A or B group with a points agreement."""
    day = world.report_day(OCTOBER)
    return world.ask(
        f"""
        WITH signed AS ({_signed_groups(day)})
        SELECT count(*), 1
        FROM membership JOIN signed USING (group_id) JOIN groups USING (group_id)
        WHERE tier <> 'C' AND {_held(day)} GROUP BY group_id
        """
    )


def pkgmin(world: World) -> list[Row]:
    """V-net users, and those of them on a package-minute plan."""
    return world.ask(
        f"""
        SELECT count(*) FILTER (product = 'vnet_pkgmin'), count(*) FROM holding
        WHERE {_vnet(world.report_day(OCTOBER))} GROUP BY group_id
        """
    )


def vnet_users(world: World) -> list[Row]:
    """V-net users."""
    return [
        (world.one(f"SELECT count(*) FROM holding WHERE {_vnet(world.report_day(OCTOBER))}")[0], 1)
    ]


def vnet_over_30(world: World) -> list[Row]:
    """V-net users, and those of them with more than 30 minutes in it."""
    day = world.report_day(OCTOBER)
    return world.ask(
        f"""
        SELECT count(*) FILTER (vnet_out_m + vnet_in_m > 30), count(*)
        FROM holding JOIN usage_month USING (user_id)
        WHERE {_vnet(day)} AND {_used_before(day)} GROUP BY group_id
        """
    )


def short_subscribers(world: World) -> list[Row]:
    """V-net users, and subscribers to short-number SMS."""
    day = world.report_day(OCTOBER)
    return world.ask(
        f"""
        SELECT count(*) FILTER (product = 'short_sms'), count(*) FILTER (product <> 'short_sms')
        FROM holding WHERE {_vnet(day)} OR (product = 'short_sms' AND {_held(day)})
        GROUP BY group_id
        """
    )


def short_effective(world: World) -> list[Row]:
    """Subscribers to short-number SMS, and those of them who sent one."""
    day = world.report_day(OCTOBER)
    return world.ask(
        f"""
        SELECT count(*) FILTER (sms_short_out_n > 0), count(*)
        FROM holding JOIN usage_month USING (user_id)
        WHERE product = 'short_sms' AND {_held(day)} AND {_used_before(day)} GROUP BY group_id
        """
    )


def lines(world: World, reached: str, of: str) -> list[Row]:
    """Lines planned in the report's year that had reached a stage, of those at an earlier one."""
    day = world.report_day(OCTOBER)
    return world.ask(
        f"""
        SELECT CAST(bool_or(stage IN ({reached})) AS INTEGER), 1 FROM product_holding
        WHERE product = 'dedicated_line' AND stage_time < '{day}'
        GROUP BY holding_id HAVING min(valid_from) >= '{day.year}-01-01'
            AND bool_or(stage IN ({of}))
        """
    )


def leaders_groups(world: World) -> list[Row]:
    """Groups of tiers A and B."""
    return [(world.one("SELECT count(*) FROM groups WHERE tier <> 'C'")[0], 1)]


def school_users(world: World) -> list[Row]:
    """Users of school messaging of each school."""
    held = _held(world.report_day(SEPTEMBER))
    return world.ask(f"SELECT qty, 1 FROM holding WHERE product = 'school_msg' AND {held}")


def attained(world: World, code: str, month: int) -> list[Row]:
    """Revenue since January and the year's target, county by county."""
    day = world.report_day(month)
    if not world.has("kpi_actual"):
        return []
    return world.ask(
        f"""
        SELECT CAST(value AS DOUBLE), CAST(annual_target AS DOUBLE)
        FROM kpi_actual JOIN kpi_target USING (kpi_code, area_id)
        WHERE kpi_code = '{code}_revenue' AND year = '{(day - timedelta(1)).year}'
            AND as_of = '{day - timedelta(1)}'
        """
    )


def members(world: World) -> list[Row]:
    """Members on the first day."""
    return world.ask(
        f"SELECT count(*), 1 FROM membership WHERE valid_from <= '{world.start}'"
        f" AND valid_to > '{world.start}'"
    )


def _signed_groups(day: date) -> str:
    return f"""
        SELECT DISTINCT group_id FROM agreement
        WHERE type = 'points_vnet' AND user_id IS NULL AND {_live(day)}
    """


def _live(day: date) -> str:
    """Agreements that outlast the evening before a day."""
    return (
        f"start_date < '{day}' AND end_date >= '{day}' "
        f"AND NOT (status = 'broken' AND status_time < '{day}')"
    )


def _held(day: date) -> str:
    """What holds on the evening before a day."""
    return f"valid_from < '{day}' AND valid_to >= '{day}'"


def _vnet(day: date) -> str:
    return f"product IN ('vnet_std', 'vnet_pkgmin') AND {_held(day)}"


def _used_before(day: date) -> str:
    """The usage of the month that ends before a day."""
    return f"version = 1 AND month = '{(day - timedelta(1)).strftime('%Y%m')}'"
