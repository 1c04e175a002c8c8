"""What a person reads in place of the codes of the tables that triggers come from."""

from __future__ import annotations

from collections.abc import Mapping

from features.definition import Text

ROLE: Mapping[str, Text] = {
    "key_person": Text("关键人", "key person"),
    "contact": Text("联系人", "contact"),
    "key_member": Text("关键成员", "key member"),
}
RIVAL: Mapping[str, Text] = {
    "CT": Text("电信", "China Telecom"),
    "CU": Text("联通", "China Unicom"),
}
LEVERS: Mapping[str, Text] = {
    "tariff_cut": Text("降低资费", "lower tariffs"),
    "handset_gift": Text("赠送终端", "free handsets"),
    "tariff_subsidy": Text("话费补贴", "tariff subsidy"),
    "combined_billing": Text("合帐营销", "combined billing"),
    "vpn": Text("组建虚拟网", "a V-net of its own"),
    "stationed_staff": Text("人员派驻", "stationed staff"),
    "industry_app": Text("行业应用捆绑", "industry application"),
    "exec_lobby": Text("高层公关", "lobbying of executives"),
    "agreement": Text("签署协议", "an agreement"),
}
OUTCOME: Mapping[str, Text] = {
    "pending": Text("，尚未了结", ", still open"),
    "repelled": Text("，称已化解", ", said to be repelled"),
}
AGREEMENT: Mapping[str, Text] = {
    "points_vnet": Text("积分V网协议", "the points V-net agreement"),
    "strategic_coop": Text("战略合作协议", "the strategic agreement"),
    "dedicated_line_term": Text("专线协议", "the dedicated-line agreement"),
    "handset_guarantee": Text("单位担保终端协议", "the guaranteed-handset agreement"),
}
