"""What becomes of cases by themselves as time passes, and what a person may do with one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from serving.casebook.entries import refuse_no_id
from serving.casebook.pen import NOT_SNOOZED, Pen, Row, case_of_id, rows_where
from serving.casebook.rules import CaseRules
from serving.casebook.schema import CASES
from serving.casebook.states import UNTOUCHED, WAITING, WORKED, refuse_impossible
from serving.errors import CasebookError

CLOCKS = ("contact_due", "escalate_due", "feedback_due")


@dataclass(frozen=True)
class Done:
    """One thing that time did to a case."""

    case_id: str
    group_id: str
    what: str
    why: str


def tick(pen: Pen, rules: CaseRules) -> tuple[Done, ...]:
    """Wake, pass up and expire what is due; see ``Casebook.tick``."""
    done: list[Done] = []
    for case in rows_where(pen.connection, CASES.c.closed_at.is_(None)):
        if case["state"] == "snoozed":
            case = _wake(pen, case, done)
        if case["state"] in (*UNTOUCHED, *WORKED):
            case = _pass_up(pen, rules, case, done)
        if case["state"] in UNTOUCHED:
            _expire(pen, rules, case, done)
    return tuple(done)


def snooze(pen: Pen, rules: CaseRules, case_id: str, until: date, reason: str, by: str) -> Row:
    """Put a case aside until the morning of a day; its clocks stand still."""
    case = case_of_id(pen.connection, case_id)
    longest = rules.levels[case["level"]].longest_snooze_days
    if not reason.strip():
        raise CasebookError(f"case {case_id} can be snoozed only with a reason")
    if case["hidden"]:
        raise CasebookError(f"case {case_id} is held out and is not worked")
    refuse_impossible(case_id, case["state"], "snoozed")
    days = (until - pen.at.date()).days
    if not 0 < days <= longest:
        raise CasebookError(
            f"case {case_id} is {case['level']} and can be snoozed for at most {longest} days, "
            f"until {pen.at.date() + timedelta(days=longest)}, not until {until}"
        )
    changes = {
        "state": "snoozed",
        "snoozed_from": case["state"],
        "snoozed_at": pen.at,
        "snoozed_until": until,
        "snooze_reason": reason,
    }
    return pen.write("case", case, changes, "snoozed", by=by, why=reason)


def escalate(pen: Pen, case_id: str, to: str, why: str, by: str) -> Row:
    """Pass a case up by hand."""
    case = case_of_id(pen.connection, case_id)
    refuse_no_id("to whom it goes", to)
    refuse_impossible(case_id, case["state"], "escalated")
    up = {"state": "escalated", "escalated_to": to, "escalated_at": pen.at}
    changes = {**NOT_SNOOZED, **up}
    return pen.write("case", case, changes, "escalated", by=by, why=why)


def close(pen: Pen, case_id: str, why: str, by: str) -> Row:
    """Close a case by hand; the data judge it later all the same."""
    case = case_of_id(pen.connection, case_id)
    if not why.strip():
        raise CasebookError(f"case {case_id} can be closed only with a reason")
    refuse_impossible(case_id, case["state"], "closed")
    return pen.write("case", case, closed(pen.at, why), "closed", by=by, why=why)


def closed(at: datetime, why: str) -> Row:
    """The columns of a case that is over."""
    return {"state": "closed", "closed_at": at, "closed_why": why}


def _wake(pen: Pen, case: Row, done: list[Done]) -> Row:
    until = datetime.combine(case["snoozed_until"], time())
    if pen.at < until:
        return case
    slept = until - case["snoozed_at"]
    later = {name: case[name] + slept for name in CLOCKS if case[name] is not None}
    changes = {
        **later,
        "state": case["snoozed_from"],
        **NOT_SNOOZED,
    }
    why = f"snoozed until {case['snoozed_until']}: {case['snooze_reason']}"
    done.append(_done(case, "woken", why))
    return pen.write("case", case, changes, "woken", happened_at=until, why=why)


def _pass_up(pen: Pen, rules: CaseRules, case: Row, done: list[Done]) -> Row:
    """Once for want of a first contact, once for want of feedback, where the level asks for it."""
    clock, due = _run_out(case, pen.at)
    if due is None:
        return case
    to = case["escalate_to"] or rules.levels[case["level"]].escalate_to
    passed = " ".join(filter(None, (case["escalated_for"], clock)))
    changes = {
        "state": "escalated",
        "escalated_to": to,
        "escalated_at": due,
        "escalated_for": passed,
    }
    why = f"no {clock} by {due:%Y-%m-%d %H:%M}"
    done.append(_done(case, "escalated", f"{why}, to {to}"))
    return pen.write("case", case, changes, "escalated", happened_at=due, why=why)


def _run_out(case: Row, at: datetime) -> tuple[str, datetime | None]:
    """Which clock has run out for which the case was not passed up yet, and when."""
    before = (case["escalated_for"] or "").split()
    if case["escalate_due"] is None:
        return "", None
    if case["state"] in WAITING and at >= case["escalate_due"] and "contact" not in before:
        return "contact", case["escalate_due"]
    worked = case["state"] in WORKED
    if worked and at >= case["feedback_due"] and "feedback" not in before:
        return "feedback", case["feedback_due"]
    return "", None


def _expire(pen: Pen, rules: CaseRules, case: Row, done: list[Done]) -> None:
    expires = case["feedback_due"] + timedelta(days=rules.expire_days)
    if pen.at < expires:
        return
    untouched = case["contacted_at"] is None
    if not untouched:
        return
    why = f"nobody has contacted the group {rules.expire_days} days after its time was over"
    done.append(_done(case, "expired", why))
    pen.write("case", case, {"state": "expired"}, "expired", happened_at=expires, why=why)


def _done(case: Row, what: str, why: str) -> Done:
    return Done(case["case_id"], case["group_id"], what, why)
