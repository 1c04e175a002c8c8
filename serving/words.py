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
    "blue": Text("蓝", "blue"),
    "none": Text("未预警", "no alert"),
}
METHOD: Mapping[str, Text] = {
    "model": Text("模型清单", "model"),
    "rules": Text("规则清单", "rule-based"),
    "out_of_fold": Text("交叉验证评分", "out of fold"),
    "trigger": Text("业务触发", "trigger"),
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
CHANGE: Mapping[str, Text] = {
    "new": Text("新增", "new"),
    "continued": Text("继续", "continued"),
    "raised": Text("升级", "raised"),
    "lowered": Text("降级", "lowered"),
}
CONTACT_ROLE: Mapping[str, Text] = {
    "key_person": Text("关键人", "decision maker"),
    "contact": Text("联系人", "contact"),
    "other": Text("其他人", "somebody else"),
}
"""Whom a visit met; the codes are those of the table visit."""
LETTER_SCOPE: Mapping[str, Text] = {
    "all": Text("全部业务", "everything"),
    "vnet": Text("V网", "V-net"),
    "crbt": Text("彩铃", "ring-back tones"),
    "other": Text("其他", "other"),
}
RIVAL: Mapping[str, Text] = {
    "CT": Text("电信", "China Telecom"),
    "CU": Text("联通", "China Unicom"),
    "none": Text("没有对手", "no rival"),
}
OFFER: Mapping[str, Text] = {
    "tariff_cut": Text("降低资费", "lower tariff"),
    "handset_gift": Text("赠送终端", "free handsets"),
    "tariff_subsidy": Text("话费补贴", "bill subsidy"),
    "combined_billing": Text("合帐营销", "one bill"),
    "vpn": Text("组建虚拟网", "a V-net"),
    "stationed_staff": Text("人员派驻", "staff on site"),
    "industry_app": Text("行业应用捆绑", "industry application"),
    "exec_lobby": Text("高层公关", "executive lobbying"),
    "agreement": Text("签署协议", "an agreement"),
}
"""What a rival offers; the codes are those of the table rival_event."""
INTENT: Mapping[str, Text] = {
    "1": Text("1 肯定走", "1 surely leaves"),
    "2": Text("2 可能走", "2 may leave"),
    "3": Text("3 说不准", "3 undecided"),
    "4": Text("4 可能留", "4 may stay"),
    "5": Text("5 肯定留", "5 surely stays"),
}
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
    "change": Text(
        "与上一期清单相比；“上期以来的变化”写明变在哪里。",
        "Against the list before; What changed says in what.",
    ),
    "do": Text(
        "建议的动作与优惠上限；“为何选此动作”“不选的动作”写明理由。",
        "The action and the most that may be offered; the reasons stand further right.",
    ),
    "contact_date": Text("实际联系到客户的日期。", "The day on which the group was reached."),
    "contact_role": Text("见到或通话的是谁。", "Who was met or called."),
    "intent": Text(
        "你的判断：1 肯定走，5 肯定留。", "What you think: 1 surely leaves, 5 surely stays."
    ),
    "rival": Text("哪家竞争对手在接触。", "Which rival is there."),
    "rival_offer": Text(
        "对手开出的条件，选最主要的一项。", "What it offers; the main one of several."
    ),
    "action_given": Text("实际做了什么，可与建议不同。", "What was done, as advised or not."),
    "cost_yuan": Text("花了多少元，没有就填0。", "What it cost; 0 for nothing."),
    "next_step_date": Text("下次跟进的日期。", "When you go on with it."),
    "expected_saved_fen": Text(
        "按建议动作预计可多留住的毛利，未减成本。",
        "Margin that the action is expected to keep; its cost stands beside.",
    ),
    "ending_60_share": Text(
        "60天内合约到期的成员占比。", "Share of the members whose contract ends within 60 days."
    ),
    "case_id": Text(
        "请勿改动：靠它把反馈对回这一行。", "Leave it as it is: it brings your report home."
    ),
    "notes": Text(
        "对方怎么说、竞争对手的条件、下一步做什么。",
        "What was said, what the rival offers, what comes next.",
    ),
}
"""What a column holds, where its title does not say it."""
