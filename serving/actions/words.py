"""Why an action was chosen and why others were not, with the numbers behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd

from features.definition import Text
from serving.actions.options import Case, Option, quiet
from serving.actions.table import Action, ActionTable
from serving.actions.worth import OTHER, Drive

LEVER: Final[Mapping[str, Text]] = {
    "tariff_cut": Text("降低资费", "a tariff cut"),
    "handset_gift": Text("赠送终端", "free handsets"),
    "tariff_subsidy": Text("话费补贴", "a tariff subsidy"),
    "combined_billing": Text("合账营销", "combined billing"),
    "vpn": Text("组建虚拟网", "a V-net of its own"),
    "stationed_staff": Text("人员派驻", "stationed staff"),
    "industry_app": Text("行业应用捆绑", "an industry application"),
    "exec_lobby": Text("高层公关", "lobbying of the heads"),
    "agreement": Text("签署协议", "an agreement"),
}
_SAID_DRIVERS = 2
TOLD_GONE = 0.2
"""From which chance on it is said that a group may have gone already."""
MOSTLY_GONE = 0.5


def yuan(fen: float) -> str:
    """An amount of fen in whole yuan."""
    return f"{fen / 100:,.0f}"


def driven(found: Drive, table: ActionTable) -> Text:
    """What drives the group, in shares, and what the rival offered."""
    shown = [item for item in found.weights.items() if item[0] != OTHER][:_SAID_DRIVERS]
    if not shown:
        return Text("主因不明", "no clear driver")
    zh = "、".join(f"{table.drivers[d].name.zh}{weight:.0%}" for d, weight in shown)
    en = ", ".join(f"{table.drivers[d].name.en} {weight:.0%}" for d, weight in shown)
    if not found.levers:
        return Text(f"主因：{zh}", f"driven by {en}")
    offered = LEVER[found.levers[0]]
    return Text(
        f"已上报对手手段：{offered.zh}；主因：{zh}",
        f"the rival offers {offered.en}; driven by {en}",
    )


def why_chosen(case: Case, option: Option, table: ActionTable) -> Text:
    """Why this action: the driver, what it does to the risk, what it brings and costs."""
    said, worth, risk = driven(case.found, table), option.worth, case.at.risk
    after = max(risk - worth.effect, 0.0)
    by = _basis(case)
    text = Text(
        f"{said.zh}。预计转网概率由{risk:.1%}降至{after:.1%}（{by.zh}），保住12个月毛利"
        f"{yuan(worth.saved_fen)}元，花费{yuan(worth.cost_fen)}元，净得{yuan(worth.net_fen)}元",
        f"{said.en}. Risk expected to fall from {risk:.1%} to {after:.1%} ({by.en}): keeps "
        f"{yuan(worth.saved_fen)} yuan of a year's margin, costs {yuan(worth.cost_fen)}, nets "
        f"{yuan(worth.net_fen)}",
    )
    if option.towards is None:
        return text
    name = option.towards.name
    return Text(f"{text.zh}；为{name.zh}铺路", f"{text.en}; opens the way to: {name.en}")


def why_left_alone(case: Case, best: Option) -> Text:
    """Why contacting a group is expected to do harm, or comes too late."""
    gone = 1.0 - case.at.here
    if gone > MOSTLY_GONE:
        return Text(
            f"{gone:.0%}的可能已经转走（成员话务单向、双卡），上门已晚；电话核实即可",
            f"{gone:.0%} likely to have gone already (members' calls are one-sided, second SIMs): "
            "a visit comes too late, a call tells",
        )
    unmanaged, never = case.group.get("unmanaged"), case.group.get("never_met")
    facts = [
        Text("无客户经理", "no account manager") if unmanaged == 1 else None,
        Text("从未接触过", "never contacted") if never == 1 else None,
        Text("无在约成员", "nobody under contract") if case.group.get("lock_share") == 0 else None,
    ]
    known = [fact for fact in facts if fact is not None]
    rise = abs(best.worth.effect)
    by = _basis(case)
    zh, en = "、".join(f.zh for f in known), ", ".join(f.en for f in known)
    lead = Text(f"{zh}；" if zh else "", f"{en}; " if en else "")
    return Text(
        f"{lead.zh}接触预计弊大于利：最合适的动作也会使转网概率上升{rise:.2%}（{by.zh}）",
        f"{lead.en}a contact is expected to do more harm than good: even the best action would "
        f"raise the risk by {rise:.2%} ({by.en})",
    )


def why_watched(case: Case, best: Option | None, table: ActionTable) -> Text:
    """Why nothing is offered although nothing speaks against a contact; what to ask about."""
    said, why = driven(case.found, table), _nothing_offered(case, best)
    return Text(f"{said.zh}。{why.zh}", f"{said.en}. {why.en}")


def _nothing_offered(case: Case, best: Option | None) -> Text:
    if pd.isna(case.group.get("monthly_revenue_fen")):
        return Text("月收入未知，无法测算得失", "Its revenue is unknown, so nothing can be weighed")
    if best is None and case.quiet_until is not None:
        return quiet(case)
    if best is None:
        return Text("目前没有可用的动作", "No action may be offered today")
    name, worth = best.action.name, best.worth
    if best.pays:
        return Text(
            f"最合适的{name.zh}净得{yuan(worth.net_fen)}元，但本期轮不到",
            f"The best, {name.en}, nets {yuan(worth.net_fen)} yuan, but there is no room for it in "
            "this list",
        )
    risk, value = case.at.risk, yuan(case.at.value_fen)
    return Text(
        f"转网概率{risk:.1%}，在险毛利{value}元：最合适的{name.zh}只保住"
        f"{yuan(worth.saved_fen)}元，却要花{yuan(worth.cost_fen)}元",
        f"Risk {risk:.1%} of {value} yuan of margin: the best, {name.en}, keeps "
        f"{yuan(worth.saved_fen)} yuan and costs {yuan(worth.cost_fen)}",
    )


def why_not(option: Option, chosen_fen: int, no_room: Text) -> Text:
    """Why an action was ruled out: not allowed, harmful, not worth it, worth less, or no room.

    Args:
        option: The action.
        chosen_fen: What the chosen one nets.
        no_room: What ran out, where the action would have been worth more.
    """
    name, worth = option.action.name, option.worth
    if option.barred is not None:
        why = option.barred
    elif worth.effect <= 0:
        why = Text("预计弊大于利", "expected to do more harm than good")
    elif worth.net_fen <= 0:
        why = Text(
            f"只保住{yuan(worth.saved_fen)}元，花费{yuan(worth.cost_fen)}元",
            f"keeps {yuan(worth.saved_fen)} yuan, costs {yuan(worth.cost_fen)}",
        )
    elif not option.pays:
        why = Text(
            f"只净得{yuan(worth.net_fen)}元", f"nets {yuan(worth.net_fen)} yuan only, not worth it"
        )
    elif worth.net_fen <= chosen_fen:
        why = Text(
            f"净得{yuan(worth.net_fen)}元，少于所选",
            f"worth less (nets {yuan(worth.net_fen)} yuan)",
        )
    else:
        why = no_room
    return Text(f"{name.zh}：{why.zh}", f"{name.en}: {why.en}")


def filled(template: Text, action: Action, case: Case, option: Option) -> Text:
    """An offer or a talking point with its numbers."""
    vnet = case.group.get("vnet_members")
    members = case.group.get("members")
    numbers = {
        "bound": len(option.members),
        "treated": option.treated,
        "members": 0 if pd.isna(members) else int(members),
        "vnet_members": 0 if pd.isna(vnet) else int(vnet),
        "cap": yuan(action.cap(option.treated)),
        "term": action.term_months,
    }
    return Text(template.zh.format(**numbers), template.en.format(**numbers))


def _basis(case: Case) -> Text:
    if case.at.tau is not None:
        return Text("按实测效果", "by measured effect")
    if case.assumed:
        return Text("按该级别的假定风险", "at the risk assumed for the level")
    gone = 1.0 - case.at.here
    if gone < TOLD_GONE:
        return Text("按风险×对症程度", "by risk × aptness")
    return Text(
        f"按风险×对症程度；{gone:.0%}的可能已经转走",
        f"by risk × aptness; {gone:.0%} likely to have gone already",
    )
