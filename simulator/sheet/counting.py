"""What is counted for each figure of the document, by its key in ``document.yaml``."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from simulator.sheet import course, inventory
from simulator.sheet.inventory import OCTOBER, SEPTEMBER
from simulator.sheet.reading import Row, World

Count = Callable[[World], list[Row]]
"""Rows (numerator, denominator), one for each cluster: what chance deals with as one."""

_CONNECTED, _DELIVERED = "'connected', 'delivered'", "'delivered'"
COUNTS: Mapping[str, Count] = {
    "intent": course.intent,
    "retention": lambda world: course.kept(world, SEPTEMBER, "tier <> 'C'"),
    "top_retention": lambda world: course.kept(world, OCTOBER, "top"),
    "key_bundling": inventory.key_bundling,
    "signed": inventory.signed,
    "signed_size": inventory.signed_size,
    "joins": course.joins,
    "pkgmin": inventory.pkgmin,
    "vnet_users": inventory.vnet_users,
    "vnet_over_30": inventory.vnet_over_30,
    "short_subscribers": inventory.short_subscribers,
    "short_effective": inventory.short_effective,
    "lines_connected": lambda world: inventory.lines(world, _CONNECTED, "'planned'"),
    "lines_delivered": lambda world: inventory.lines(world, _DELIVERED, _CONNECTED),
    "leaders_groups": inventory.leaders_groups,
    "school_users": inventory.school_users,
    "ict_attained": lambda world: inventory.attained(world, "ict", SEPTEMBER),
    "dual": course.dual,
    "adc_attained": lambda world: inventory.attained(world, "adc", OCTOBER),
    "mas_attained": lambda world: inventory.attained(world, "mas", OCTOBER),
    "members": inventory.members,
    "hard_churn": course.hard_churn,
    "arpu": course.arpu,
    "onnet": course.onnet,
    "price": course.price,
    "together": course.together,
    "transfer_90": course.transfer_90,
}
