"""The alarm: a KPI is green while the same customers are worth less and less.

Retention counts numbers on net. A member who carries a rival's SIM beside ours is still counted;
only the bill and the minutes tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from features.definition import Text
from serving.kpi.lines import Line
from serving.kpi.measures import FEN
from serving.kpi.terms import Limits
from serving.kpi.worked import Worked

GUARDED = ("group_retention", "member_retention", "group_retention_all", "top100_retention")
"""KPIs that stay green while value leaks."""
_FEN_IN_WAN = 1_000_000


@dataclass(frozen=True)
class AtRisk:
    """What the newest published list says of an area.

    Attributes:
        as_of: The list's day.
        groups: Groups on it.
        fen: Their revenue at risk.
    """

    as_of: date
    groups: int
    fen: int


@dataclass(frozen=True)
class Alarm:
    """Why what looks green is not.

    Attributes:
        area_id: The area.
        green: Codes of the KPIs that look as they should.
        headline: What they say.
        evidence: What speaks against it, a sentence each.
    """

    area_id: str
    green: tuple[str, ...]
    headline: Text
    evidence: tuple[Text, ...]


def alarm(
    area_id: str,
    lines: Iterable[Line],
    worked: Worked,
    at_risk: AtRisk | None,
    limits: Limits,
) -> Alarm | None:
    """The alarm of an area; None where nothing guarded is green, or nothing speaks against it."""
    green = [one for one in lines if one.code in GUARDED and one.green]
    found = [
        _revenue(area_id, worked, limits),
        _value(area_id, worked, limits),
        _quiet(area_id, worked, limits),
        _second_sim(area_id, worked, limits),
        _published(area_id, worked, at_risk, limits),
    ]
    evidence = tuple(text for text in found if text is not None)
    if not green or not evidence:
        return None
    return Alarm(area_id, tuple(one.code for one in green), _headline(green), evidence)


def _headline(green: list[Line]) -> Text:
    zh = [f"{one.name.zh} {_actual(one)} {_ahead(one).zh}" for one in green]
    en = [f"{one.name.en} {_actual(one)} {_ahead(one).en}" for one in green]
    return Text("，".join(zh) + "；但价值正在流失：", ", ".join(en) + "; yet value is leaking:")


def _actual(one: Line) -> str:
    return "" if one.actual is None else f"{one.actual:.2f}%"


def _ahead(one: Line) -> Text:
    gap = one.gap_points or 0.0
    return Text(f"超时间进度 {gap:.2f} 个百分点", f"is {gap:.2f} points ahead of its pace")


def _revenue(area_id: str, worked: Worked, limits: Limits) -> Text | None:
    """Revenue of the list that went while its members stayed."""
    sums = _sums(area_id, worked, "base_ref_fen", "base_ref_on_fen", "base_bill_fen")
    if sums is None or not sums.of["base_ref_fen"]:
        return None
    ref, ref_on, bill = (
        sums.of[name] for name in ("base_ref_fen", "base_ref_on_fen", "base_bill_fen")
    )
    silent = Fraction(100 * (ref_on - bill), ref)
    if silent < _exact(limits.unexplained_points):
        return None
    kept, share = Fraction(100 * bill, ref), Fraction(100 * (ref_on - bill), ref - bill)
    here, lost, month = ref_on - bill, ref - bill, sums.day
    return Text(
        f"{month.month}月拍照成员出账收入只有拍照时的 {float(kept):.1f}%，"
        f"每月少 {_wan(lost)} 万元；其中 {float(share):.0f}%（{_wan(here)} 万元）"
        "少在仍在网的成员身上，任何保有率都看不见。",
        f"In {month:%B} members of the list paid {float(kept):.1f}% of what they paid when it was "
        f"frozen, {_yuan(lost)} yuan a month less; {float(share):.0f}% of that "
        f"({_yuan(here)} yuan) is lost on members still on net, where no retention sees it.",
    )


def _value(area_id: str, worked: Worked, limits: Limits) -> Text | None:
    """Members of value who are on net but hardly pay."""
    sums = _sums(area_id, worked, "valued_members", "valued_on", "valued_kept")
    if sums is None or not sums.of["valued_members"]:
        return None
    whole, here, kept = (sums.of[name] for name in ("valued_members", "valued_on", "valued_kept"))
    if Fraction(100 * (here - kept), whole) < _exact(limits.value_points):
        return None
    on, worth = 100 * here / whole, 100 * kept / whole
    months, floor = worked.reading.value_low_months, _yuan(worked.reading.value_floor_fen)
    return Text(
        f"中高端拍照成员在网 {on:.1f}%，价值保有只有 {worth:.1f}%："
        f"{here - kept:,} 人仍在网，但今年已有 {months} 个月以上账单低于 {floor} 元。",
        f"Of the list's members of value {on:.1f}% are on net but only {worth:.1f}% keep their "
        f"value: {here - kept:,} are on net and were billed less than {floor} yuan in {months} or "
        "more months.",
    )


def _quiet(area_id: str, worked: Worked, limits: Limits) -> Text | None:
    """Members on net whose calls went elsewhere."""
    sums = _sums(area_id, worked, "quiet", "quiet_seen")
    if sums is None or not sums.of["quiet_seen"]:
        return None
    quiet, seen = sums.of["quiet"], sums.of["quiet_seen"]
    if Fraction(quiet, seen) < _exact(limits.quiet_share):
        return None
    return Text(
        f"话务分流：{sums.day.month}月仍在网的拍照成员中有 {100 * quiet / seen:.1f}%"
        f"（{quiet:,} 人）主叫分钟不到拍照前的一半。",
        f"Diversion: in {sums.day:%B} {100 * quiet / seen:.1f}% of the list's members on net "
        f"({quiet:,}) called for less than half the minutes of before.",
    )


def _second_sim(area_id: str, worked: Worked, limits: Limits) -> Text | None:
    """Members on net who show a rival's SIM beside ours."""
    sums = _sums(area_id, worked, "second_sim", "second_sim_seen")
    if sums is None or not sums.of["second_sim_seen"]:
        return None
    shown, seen = sums.of["second_sim"], sums.of["second_sim_seen"]
    if Fraction(shown, seen) < _exact(limits.second_sim_share):
        return None
    return Text(
        f"双卡迹象：仍在网的拍照成员中 {100 * shown / seen:.1f}%（{shown:,} 人）"
        f"{sums.day.month}月疑似另有异网号码。",
        f"Second SIMs: {100 * shown / seen:.1f}% of the list's members on net ({shown:,}) seem to "
        f"have had a rival's number too in {sums.day:%B}.",
    )


def _published(area_id: str, worked: Worked, at_risk: AtRisk | None, limits: Limits) -> Text | None:
    """What the newest list says is at risk, beside what the frozen list pays in a month."""
    sums = _sums(area_id, worked, "base_ref_fen")
    if at_risk is None or sums is None or not sums.of["base_ref_fen"]:
        return None
    if Fraction(at_risk.fen, sums.of["base_ref_fen"]) < _exact(limits.at_risk_share):
        return None
    share = 100 * at_risk.fen / sums.of["base_ref_fen"]
    return Text(
        f"{at_risk.as_of} 的预警清单上 {at_risk.groups:,} 个集团"
        f"有 {_wan(at_risk.fen)} 万元风险收入，相当于拍照成员一个月收入的 {share:.1f}%。",
        f"The list of {at_risk.as_of} holds {at_risk.groups:,} groups with {_yuan(at_risk.fen)} "
        f"yuan at risk, {share:.1f}% of what the frozen list's members paid in a month.",
    )


@dataclass(frozen=True)
class _Found:
    of: Mapping[str, int]
    day: date


def _sums(area_id: str, worked: Worked, *names: str) -> _Found | None:
    """Some sums of an area in the newest month that has them."""
    day = worked.month_of(names[0])
    if day is None:
        return None
    totals = {name: worked.total(name, area_id, day) for name in names}
    known = {name: total for name, total in totals.items() if total is not None}
    return _Found(known, day) if len(known) == len(names) else None


def _wan(fen: int) -> str:
    """Fen as ten thousands of yuan."""
    return f"{fen / _FEN_IN_WAN:,.1f}"


def _yuan(fen: int) -> str:
    return f"{fen / FEN:,.0f}"


def _exact(number: float) -> Fraction:
    return Fraction(str(number))
