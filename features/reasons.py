"""The business reasons that features speak for when a score is explained."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True)
class _Said:
    code: str
    zh: str
    en: str


class Reason(Enum):
    """Sixteen reasons, each a sum of the contributions of its features."""

    DIVERSION = _Said("R01", "话务分流", "outgoing traffic is being diverted")
    RIVAL_NUMBERS = _Said("R02", "成员使用异网号码", "members carry rival numbers")
    VPMN = _Said("R03", "V网使用下降", "V-net use")
    LOCK_IN = _Said("R04", "捆绑到期", "lock-in and its expiry")
    KEY_PEOPLE = _Said("R05", "关键人", "key people")
    RIVAL_ATTACK = _Said("R06", "竞争对手进攻", "a rival's attack")
    PRICE = _Said("R07", "资费与消费", "price and spending")
    SERVICE = _Said("R08", "投诉与服务", "complaints and service")
    OWNER = _Said("R09", "无人看管", "nobody looks after the group")
    AUTHORISATION = _Said("R10", "授权书", "letter of authorisation")
    CONTAGION = _Said("R11", "周边集团与成员流失", "colleagues and neighbours are leaving")
    PRODUCTS = _Said("R12", "产品粘性不足", "shallow products")
    ARREARS = _Said("R13", "欠费", "arrears")
    IDLE_PRODUCT = _Said("R14", "业务未有效使用", "paid services left unused")
    SIZE = _Said("R15", "规模与变化", "size and its change")
    DATA = _Said("R16", "数据质量", "data quality")

    @property
    def code(self) -> str:
        return self.value.code

    @property
    def zh(self) -> str:
        return self.value.zh

    @property
    def en(self) -> str:
        return self.value.en
