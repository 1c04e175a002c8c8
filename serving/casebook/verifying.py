"""Judging cases by the data, after the wait, and closing them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from serving.casebook.entries import Result, Verification
from serving.casebook.keeping import closed
from serving.casebook.pen import OURSELVES, Pen, case_of_id
from serving.casebook.recording import record
from serving.errors import CasebookError


@dataclass(frozen=True)
class Verified:
    """How many cases were judged, closed with it, and had been judged before."""

    judged: int
    closed: int
    known: int


def close_verified(pen: Pen, results: Mapping[str, str]) -> Verified:
    """Judge and close; see ``Casebook.close_verified``."""
    judged = over = 0
    for case_id, result in sorted(results.items()):
        case = case_of_id(pen.connection, case_id)
        if case["verify_result"] is not None:
            continue
        if pen.at < case["verify_due"]:
            raise CasebookError(
                f"case {case_id} is to be judged from {case['verify_due']:%Y-%m-%d} on, not before"
            )
        told = Verification(
            event_id=f"verified:{case_id}",
            case_id=case_id,
            by=OURSELVES,
            at=pen.at,
            result=cast(Result, result),
        )
        judged += record(pen, told)
        case = case_of_id(pen.connection, case_id)
        if case["state"] == "verified":
            pen.write("case", case, closed(pen.at, f"verified: {result}"), "closed")
            over += 1
    return Verified(judged, over, len(results) - judged)
