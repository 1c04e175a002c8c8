"""Who gets which rows of a list: a file a person, one a county, and what nobody looks after."""

from __future__ import annotations

import hashlib
import re
import unicodedata

import pandas as pd

LONGEST_NAME = 60
_POOL = "pool"


def recipients(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The rows of each file, by a name without ending; rows keep their order.

    ``manager-<id>`` holds what a person gets, ``county-<id>`` all of a county, ``pool-<id>`` what
    nobody looks after in a county, for its head.

    Args:
        rows: The list; ``route_to`` (else ``am_staff_id``) says whose a row is, ``owner_status``
            that it stands in the pool, ``county_id`` (else ``area_id``) where it lies.
    """
    owner = rows["route_to"] if "route_to" in rows else rows["am_staff_id"]
    county = rows["county_id"] if "county_id" in rows else rows["area_id"]
    place = county.astype("object").where(county.notna(), "NONE").astype(str)
    unowned = owner.isna()
    if "owner_status" in rows:
        unowned |= rows["owner_status"].eq(_POOL).fillna(False).astype(bool)
    person = owner.astype("object").where(~unowned, "").astype(str)
    found = {}
    for kind, key, which in (
        ("manager", person, ~unowned),
        ("county", place, unowned | ~unowned),
        ("pool", place, unowned),
    ):
        for one in sorted(key[which].unique()):
            found[kind, one] = rows[which & key.eq(one)]
    return {_name(kind, one): some for (kind, one), some in found.items()}


def safe_name(text: str) -> str:
    """A name that every file system takes, and that no two different texts share.

    >>> safe_name("S0000001"), safe_name("../etc")
    ('S0000001', '_etc-f7f9121f')
    """
    plain = unicodedata.normalize("NFKC", text)
    kept = re.sub(r"[^\w-]+", "_", plain)[:LONGEST_NAME]
    # Some file systems know no capitals, so that they alone cannot tell two names apart.
    if kept == text and kept == kept.upper():
        return kept
    return f"{kept}-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def _name(kind: str, one: str) -> str:
    return f"{kind}-{safe_name(one)}"
