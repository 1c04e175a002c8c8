"""The register of consequences: what an operator writes down because a customer is leaving.

Each entry names rows or cells that may be known on the day and still must not be read: they say
that the loss is under way, or was recorded after it, and a model that learnt from them would look
excellent and warn nobody. An audit takes each away, and puts more of it in; no feature may change.

A new entry is a few lines here. What is known too late is no matter of this register: that is cut
by ``load_time`` and found by the probes of time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Value = str | int | None

PLANNED = frozenset({"event_time", "load_time", "valid_to", "end_date", "start_date", "due_time"})
"""Columns of dates that may tell of a day to come: plans and terms (and two judged apart)."""


@dataclass(frozen=True)
class Entry:
    """One consequence.

    Attributes:
        name: What findings call it.
        table: Where it is written.
        why_zh: Why no feature may read it, in Chinese.
        why_en: The same in English.
        rows: ``drop`` the rows that match ``where``; drop ``whole`` holdings of a group that match
            and are known to have ended; or ``keep`` rows and change cells.
        where: Values by column that make a row match; None for every row.
        cells: By column, what an innocent and a telling row hold. Rows put in are copies of
            innocent ones with the telling cells; where rows are kept, their cells are exchanged.
        pool: The rows that match are those of managers to whom only lost groups are assigned.
    """

    name: str
    table: str
    why_zh: str
    why_en: str
    rows: Literal["drop", "whole", "keep"] = "drop"
    where: Mapping[str, tuple[str, ...]] | None = None
    cells: Mapping[str, tuple[Value, Value]] = field(default_factory=dict)
    pool: bool = False


REGISTER = (
    Entry(
        "wish to leave",
        "ticket",
        "退网申请和携转查询是离网过程本身，只能进入单独的“最后时刻”名单",
        "a request to cancel or to port is the leaving itself",
        where={"cat": ("cancel_request", "mnp_query")},
        cells={"cat": ("network", "cancel_request")},
    ),
    Entry(
        "report of a loss",
        "rival_event",
        "结果为“已流失”的竞争上报写于流失之后",
        "a report whose outcome is 'lost' was written after the loss",
        where={"outcome_claimed": ("lost",)},
        cells={"outcome_claimed": (None, "lost")},
    ),
    Entry(
        "survey of intent",
        "rival_event",
        "意向调查因客户要走才做，近似于标签",
        "a survey that is held because a customer wants to leave is almost the label",
        rows="keep",
        cells={"intent_survey": (None, "yes"), "intent_survey_date": (None, None)},
    ),
    Entry(
        "reason of leaving",
        "membership_hist",
        "退出原因是流失的结果",
        "why a membership ended is said after it ended",
        rows="keep",
        cells={"leave_reason": (None, "group_transfer")},
    ),
    Entry(
        "end of a group's V-net or ring tone",
        "product_holding",
        "V网解散、集团彩铃退订是集团转走的结果",
        "a group dissolves its V-net and cancels its ring tone because it has moved",
        rows="whole",
        where={"product": ("vnet_std", "vnet_pkgmin", "vnet_points", "group_crbt")},
    ),
    Entry(
        "life-cycle state",
        "group_snapshot",
        "沉默、离网状态由次月作业事后改写",
        "a monthly job recodes a group as silent or lost after the fact",
        rows="keep",
        cells={"lifecycle": ("in_use", "silent"), "g_state": (0, 2)},
    ),
    Entry(
        "estimated headcount",
        "group_snapshot",
        "估算人数随一月重评回写，含未来信息",
        "the January re-score writes it back over earlier months",
        rows="keep",
        cells={"est_headcount": (None, 9999)},
    ),
    Entry(
        "flag of the snapshot base",
        "group_snapshot",
        "快照标记年底回填，只留下幸存者",
        "set at the end of the year for that year: only survivors carry it",
        rows="keep",
        cells={"is_snapshot_year": (None, "2099")},
    ),
    Entry(
        "snapshot base",
        "snapshot_base",
        "保有基数按留存情况冻结，选择了幸存者",
        "the base is frozen by who is there to be counted",
    ),
    Entry(
        "pool of lost accounts",
        "group_snapshot",
        "客户经理改派到“流失客户池”是流失后的处理",
        "an account goes to the pool of lost accounts once it is lost",
        rows="keep",
        cells={"am_staff_id": (None, None), "chief_am_id": (None, None)},
        pool=True,
    ),
    Entry(
        "pool of lost accounts, assignments",
        "group_manager_rela",
        "客户经理改派到“流失客户池”是流失后的处理",
        "an account goes to the pool of lost accounts once it is lost",
        pool=True,
    ),
    Entry(
        "alert case",
        "alert_case",
        "预警等级、评分和反馈来自在用系统，形成自我循环",
        "level, score and feedback of the running system feed back on themselves",
    ),
    Entry(
        "early end of a contract",
        "contract",
        "提前解约状态和违约金是流失的结果",
        "a contract is broken off, and its penalty paid, because the customer leaves",
        rows="keep",
        where={"status": ("broken",)},
        cells={"status": ("live", "broken")},
    ),
    Entry(
        "time of a contract's state",
        "contract",
        "合同状态时间随提前解约改写",
        "it is overwritten when a contract is broken off",
        rows="keep",
        cells={"status_time": (None, None)},
    ),
    Entry(
        "time of a member's state",
        "member",
        "用户状态时间就是离网结果本身",
        "when a number was switched off is the outcome itself",
        rows="keep",
        cells={"status_time": (None, None)},
    ),
)
