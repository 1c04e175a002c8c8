"""What a person reads in place of codes and column names, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from features.definition import Text

Language = Literal["zh", "en"]


def say(text: Text, language: Language) -> str:
    """The words in one language."""
    return text.zh if language == "zh" else text.en


LEVEL: Mapping[str, Text] = {
    "red": Text("红", "red"),
    "orange": Text("橙", "orange"),
    "yellow": Text("黄", "yellow"),
    "none": Text("未预警", "no alert"),
}
METHOD: Mapping[str, Text] = {
    "model": Text("模型清单", "model"),
    "rules": Text("规则清单", "rule-based"),
    "out_of_fold": Text("交叉验证评分", "out of fold"),
}
NO_OWNER = Text("无人看管", "nobody")
CAN_SIGN: Mapping[str, Text] = {
    "yes": Text("可签约", "yes"),
    "no": Text("授权书无效", "no valid letter"),
    "unknown": Text("未知", "unknown"),
}
CONFIDENCE: Mapping[str, Text] = {
    "ok": Text("正常", "ok"),
    "few_positives": Text("样本少", "few known transfers"),
    "late_data": Text("数据迟到", "late data"),
}
INDUSTRY: Mapping[str, Text] = {
    "gov": Text("政府机关", "government"),
    "party": Text("党群机关", "party"),
    "police": Text("公安", "police"),
    "military": Text("军队武警", "military"),
    "commerce_bureau": Text("工商", "commerce bureau"),
    "tax": Text("税务", "tax"),
    "education": Text("教育", "education"),
    "health": Text("卫生医疗", "health"),
    "finance": Text("金融", "finance"),
    "power_oil_tobacco": Text("电力石油烟草", "power, oil, tobacco"),
    "manufacturing": Text("制造业", "manufacturing"),
    "construction": Text("建筑业", "construction"),
    "trade": Text("批发零售", "trade"),
    "hotel_catering": Text("住宿餐饮", "hotel and catering"),
    "transport_logistics": Text("交通物流", "transport and logistics"),
    "agriculture": Text("农业", "agriculture"),
    "services": Text("服务业", "services"),
    "other": Text("其他", "other"),
}
FEEDBACK: Mapping[str, Text] = {
    "contacted_kept": Text("已联系并稳住", "contacted and staying"),
    "contract_signed": Text("已签约", "contract signed"),
    "competitor_confirmed": Text("确认竞争对手进攻", "rival confirmed"),
    "no_risk": Text("无风险（误报）", "no risk (false alarm)"),
    "lost": Text("已流失", "lost"),
    "unreachable": Text("联系不上", "unreachable"),
}
"""What an account manager can report; the codes are those of the table alert_case.

A comma would split a choice in two, since a workbook keeps its choices in one line.
"""
FEEDBACK_MEANS: Mapping[str, Text] = {
    "contacted_kept": Text(
        "已与关键人或联系人沟通，对方明确留下。", "Somebody who decides was met and means to stay."
    ),
    "contract_signed": Text("已签新的捆绑或集团协议。", "A new contract or agreement was signed."),
    "competitor_confirmed": Text(
        "确认竞争对手已接触，请在备注写明哪家、什么条件。",
        "A rival is there; write which one and what it offers in the notes.",
    ),
    "no_risk": Text("核实后没有风险。", "It was looked into and there is nothing to it."),
    "lost": Text("集团或多数成员已转走。", "The group, or most of its members, has gone."),
    "unreachable": Text("多次联系未果。", "Tried several times, nobody was reached."),
}
"""What each of them stands for."""
COLUMN_MEANS: Mapping[str, Text] = {
    "due_date": Text("最迟在这一天联系到客户。", "The last day to contact the group."),
    "probability": Text(
        "校准后转网概率：标10%的集团，每100个约有10个会转网。",
        "Calibrated: of 100 groups that stand at 10%, about 10 go.",
    ),
    "rules_points": Text(
        "命中规则的得分之和，不是概率。", "Sum of the points of the rules that hold."
    ),
    "protective": Text(
        "最能降低该集团风险的一项，沟通时可以用上。",
        "What lowers the group's risk most: something to build on.",
    ),
    "monthly_revenue_fen": Text("集团每月带来的收入。", "What the group brings in a month."),
    "last_visit_date": Text("空白表示没有走访记录。", "Empty: no visit is on record."),
    "contact_can_sign": Text(
        "客户联系人有没有在有效期内的授权书。",
        "Whether the group's contact holds a valid letter of authorisation.",
    ),
    "key_members": Text(
        "成员中的关键人、联系人和关键成员。",
        "Decision makers, contacts and key members among them.",
    ),
    "lock_share": Text("有生效合约的成员占比。", "Share of the members under a live contract."),
    "next_expiry_date": Text(
        "成员合约中最早到期的一天，空白表示没有。",
        "The first of the members' contracts to end; empty: there is none.",
    ),
    "confidence": Text(
        "数据迟到：该区域按较早的数据评分。样本少：已知转网集团太少，仅按规则排序。",
        "Late data: the area was scored on older data. Few known transfers: ranked by rules only.",
    ),
    "notes": Text(
        "对方怎么说、竞争对手的条件、下一步做什么。",
        "What was said, what the rival offers, what comes next.",
    ),
}
"""What a column holds, where its title does not say it."""
