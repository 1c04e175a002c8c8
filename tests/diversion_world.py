"""A crowd that calls as ever and a few who change, by dekads, judged for silent diversion."""

from __future__ import annotations

from datetime import date, timedelta

from features import member_features
from features.catalog import MEMBER_FEATURES

DAY = date(2010, 5, 3)  # the newest closed dekad is 21 to 30 April, the newest closed month March
THEMES = [
    feature
    for feature in MEMBER_FEATURES
    if feature.formula.__module__ in ("features.member.diversion", "features.member.evidence")
]
EVIDENCE = (
    "evidence_one_sided",
    "evidence_twin",
    "evidence_forwarding",
    "evidence_data_gone",
    "evidence_left_vnet",
)
CROWD = tuple(f"crowd{n}" for n in range(19))
STEADY = {"out": 10, "into": 10, "rival": 2, "vnet": 4, "sms": 3, "data": 50}
"""Use a day."""
LAST_MONTH = ("2010041", "2010042", "2010043")


def world(
    drawn,
    newly,
    *,
    changed=LAST_MONTH,
    ever=None,
    count=18,
    late=None,
    afterwards=None,
    day=DAY,
    **tables,
):
    """Features where a crowd lives on as ever and some do as ``newly`` says in ``changed`` dekads.

    ``ever`` tells how somebody lived before, where it was not like the crowd; ``late`` when a
    member's dekad was loaded; ``afterwards`` is the day on which ann's newest three dekads are
    restated to be as ever. Months and second SIMs are delivered, but none that a window looks at.
    """
    rows = ["user_id | dekad | version | load_time | mou_out_m | mou_in_m | mou_rival_m"]
    rows[0] += " | vnet_m | sms_out_n | data_kb"

    def row(who, dekad, version, loaded, days, use):
        amounts = [str(amount * days) for amount in use.values()]
        rows.append(" | ".join([who, dekad, str(version), loaded, *amounts]))

    for dekad, days in back_from(date(2010, 4, 30), count):
        for who in (*newly, *CROWD):
            use = {**STEADY, **(ever or {}).get(who, {})}
            use |= newly.get(who, {}) if dekad in changed else {}
            row(who, dekad, 1, (late or {}).get((who, dekad), "2008-01-01"), days, use)
        if afterwards and dekad in LAST_MONTH:
            row("ann", dekad, 2, afterwards, days, STEADY)
    given = {
        "member": people(*newly, *CROWD),
        "usage_dekad": "\n".join(rows),
        "usage_month": "user_id | month | mou_out_m | mou_in_m\ncrowd0 | 200801 | 1 | 1",
        "second_sim_ind": "user_id | month | score\ncrowd0 | 200801 | 0.9",
    }
    drawings = {name: text for name, text in {**given, **tables}.items() if text}
    return judged(drawn(**drawings), day)


def months(newly):
    """Seven months of 1,000 minutes out and in, but for what some did in March."""
    rows = ["user_id | month | mou_out_m | mou_in_m"]
    for month in ("200909", "200910", "200911", "200912", "201001", "201002", "201003"):
        for who in (*newly, *CROWD):
            days = {"201002": 28, "200909": 30, "200911": 30}.get(month, 31)
            out, into = newly.get(who, (1000, 1000)) if month == "201003" else (1000, 1000)
            rows.append(f"{who} | {month} | {out * days // 31} | {into * days // 31}")
    return "\n".join(rows)


def people(*names):
    return "\n".join(["user_id", *names])


def lines(names, end):
    return "\n".join(f"{name}{end}" for name in names)


def back_from(end, count):
    for _ in range(count):
        first = end.replace(day=1 + 10 * min((end.day - 1) // 10, 2))
        yield f"{end:%Y%m}{min((end.day - 1) // 10, 2) + 1}", (end - first).days + 1
        end = first - timedelta(1)


def evidence(members, who):
    found = members.loc[who, list(EVIDENCE)]
    return set(found.index[found == 1])


def values(members, name):
    column = members[name]
    return {user: None if column.isna()[user] else column[user] for user in column.index}


def judged(tables, day=DAY):
    """Every feature of the two themes and what they are derived from, by member."""
    return member_features(tables, [day], THEMES, tiers=None).set_index("user_id")
