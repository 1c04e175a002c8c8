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

    DIVERSION = _Said("R01", "话务分流", "traffic diversion")
    RIVAL_NUMBERS = _Said("R02", "异网号码", "rival numbers")
    VPMN = _Said("R03", "V网使用", "V-net use")
    LOCK_IN = _Said("R04", "捆绑与到期", "lock-in and its expiry")
    KEY_PEOPLE = _Said("R05", "关键人", "key people")
    RIVAL_ATTACK = _Said("R06", "竞争进攻", "rival attack")
    PRICE = _Said("R07", "资费与消费", "price and spending")
    SERVICE = _Said("R08", "投诉与服务", "complaints and service")
    OWNER = _Said("R09", "客户看管", "who looks after the group")
    AUTHORISATION = _Said("R10", "授权书", "letter of authorisation")
    CONTAGION = _Said("R11", "成员与周边流失", "losses around")
    PRODUCTS = _Said("R12", "产品粘性", "product depth")
    ARREARS = _Said("R13", "欠费", "arrears")
    IDLE_PRODUCT = _Said("R14", "业务有效使用", "use of paid services")
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
