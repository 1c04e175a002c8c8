"""Which products a group holds, and which of them it uses."""

from __future__ import annotations

import narwhals as nw

from features.definition import Window, group_feature
from features.expressions import count, distinct
from features.group.cohesion import PRODUCTS, held
from features.reasons import Reason
from features.views.products import product_use

USED = Window("product_usage_month", lookback=3)
INFORMATION = (
    *("mas", "corp_mail", "oa", "blackberry", "m2m", "school_msg", "police_msg"),
    *("power100_comm", "power100_mkt", "power100_office"),
)
"""Products that a group's work depends on; those whose name begins with adc_ as well."""


def _has(product: nw.Expr, running: nw.Expr) -> nw.Expr:
    return nw.when(product & running).then(1).otherwise(0).max()


@group_feature(
    over=USED,
    unit="count",
    pivot=0,
    between=(0, 40),
    family="products",
    reason=Reason.PRODUCTS,
    raises=("近三月有效使用产品{value:.0f}种", "products in use within three months: {value:.0f}"),
    lowers=("近三月无有效使用的产品", "no product in use within three months"),
    empty=0,
)
def effective_products(product: nw.Expr, active_members: nw.Expr) -> nw.Expr:
    """Different products with at least one user in the last three closed months."""
    return distinct(product, active_members > 0)


@group_feature(
    over=Window(product_use),
    unit="count",
    pivot=0,
    between=(0, 40),
    family="products",
    reason=Reason.IDLE_PRODUCT,
    raises=("付费但近三月未使用的产品{value:.0f}种", "products paid for and not used: {value:.0f}"),
    lowers=("无付费而未使用的产品", "no product is paid for and not used"),
    empty=0,
)
def idle_paid_products(fee_fen: nw.Expr, users: nw.Expr) -> nw.Expr:
    """Products held for a fee, of those whose use is measured, without a user in three months."""
    return count((fee_fen > 0) & (users == 0))


@group_feature(
    over=Window(product_use),
    unit="count",
    pivot=0,
    between=(0, 100_000),
    family="products",
    reason=Reason.PRODUCTS,
    raises=(
        "使用人数最多的产品有{value:.0f}人在用",
        "users of the product most used: {value:.0f}",
    ),
    lowers=("无在用的集团产品", "no group product is used"),
    empty=0,
)
def most_users_of_a_product(users: nw.Expr) -> nw.Expr:
    """Users, in the best of three months, of the group's most used product."""
    return users.max()


@group_feature(
    over=PRODUCTS,
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    direction=-1,
    family="products",
    reason=Reason.PRODUCTS,
    raises=("已办集团专线", "holds a dedicated line"),
    lowers=("未办集团专线", "holds no dedicated line"),
    empty=0,
)
def dedicated_line(
    product: nw.Expr, days_to_valid_from: nw.Expr, days_to_valid_to: nw.Expr
) -> nw.Expr:
    """A dedicated line is ordered or runs."""
    return _has(product == "dedicated_line", held(days_to_valid_from, days_to_valid_to))


@group_feature(
    over=PRODUCTS,
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    family="products",
    reason=Reason.PRODUCTS,
    raises=("已办信息化产品", "holds an information product"),
    lowers=("未办信息化产品", "holds no information product"),
    empty=0,
)
def information_product(
    product: nw.Expr, days_to_valid_from: nw.Expr, days_to_valid_to: nw.Expr
) -> nw.Expr:
    """An information product runs: ADC, MAS, Power 100, M2M, mail, office or message service."""
    informs = product.is_in(INFORMATION) | product.str.starts_with("adc_")
    return _has(informs, held(days_to_valid_from, days_to_valid_to))


@group_feature(
    over=PRODUCTS,
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    direction=-1,
    family="products",
    reason=Reason.PRODUCTS,
    raises=("已办动力100套餐", "holds a Power 100 bundle"),
    lowers=("未办动力100套餐", "holds no Power 100 bundle"),
    empty=0,
)
def power100(product: nw.Expr, days_to_valid_from: nw.Expr, days_to_valid_to: nw.Expr) -> nw.Expr:
    """A Power 100 bundle runs."""
    return _has(product.str.starts_with("power100_"), held(days_to_valid_from, days_to_valid_to))


@group_feature(
    over=PRODUCTS,
    unit="count",
    pivot=0,
    between=(0, 100_000),
    family="vpmn",
    reason=Reason.VPMN,
    raises=(
        "{value:.0f}名成员办理包分钟数V网",
        "members on a package-minute V-net plan: {value:.0f}",
    ),
    lowers=("无成员办理包分钟数V网", "no member is on a package-minute V-net plan"),
    empty=0,
)
def package_members(
    user_id: nw.Expr, product: nw.Expr, days_to_valid_from: nw.Expr, days_to_valid_to: nw.Expr
) -> nw.Expr:
    """Members who hold a package-minute V-net plan."""
    running = held(days_to_valid_from, days_to_valid_to)
    return distinct(user_id, running & (product == "vnet_pkgmin"))


@group_feature(
    over=PRODUCTS,
    unit="count",
    pivot=0,
    between=(0, 40),
    family="products",
    reason=Reason.PRODUCTS,
    raises=("近90天新办产品{value:.0f}种", "products taken in 90 days: {value:.0f}"),
    lowers=("近90天未新办产品", "no product taken in 90 days"),
    empty=0,
)
def products_taken(
    product: nw.Expr, days_to_valid_from: nw.Expr, days_to_valid_to: nw.Expr
) -> nw.Expr:
    """Different products of which a holding that runs began within 90 days."""
    running = held(days_to_valid_from, days_to_valid_to)
    return distinct(product, running & (days_to_valid_from > -90))
