"""What a person reads in place of codes and column names, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from features.definition import Text

Language = Literal["zh", "en"]


def say(text: Text, language: Language) -> str:
    """The words in one language."""
    return text.zh if language == "zh" else text.en


BAND: Mapping[str, Text] = {
    "red": Text("红", "red"),
    "orange": Text("橙", "orange"),
    "yellow": Text("黄", "yellow"),
    "none": Text("未预警", "none"),
}
METHOD: Mapping[str, Text] = {
    "model": Text("模型清单", "model"),
    "rules": Text("规则清单", "rule-based"),
    "out_of_fold": Text("交叉验证评分", "out of fold"),
}
OWNER: Mapping[str, Text] = {
    "owned": Text("有客户经理", "owned"),
    "missing": Text("无人看管", "OWNER MISSING"),
}
CAN_SIGN: Mapping[str, Text] = {
    "yes": Text("可签约", "yes"),
    "no": Text("授权书无效", "no, letter invalid"),
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
    "contacted_kept": Text("已联系并稳住", "contacted, staying"),
    "contract_signed": Text("已签约", "contract signed"),
    "competitor_confirmed": Text("确认竞争对手进攻", "rival confirmed"),
    "no_risk": Text("无风险（误报）", "no risk (false alarm)"),
    "lost": Text("已流失", "lost"),
    "unreachable": Text("联系不上", "unreachable"),
}
"""What an account manager can report; the codes are those of the table alert_case."""
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
