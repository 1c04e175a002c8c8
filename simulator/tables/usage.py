"""usage_month: minutes, messages and data of every member."""

from __future__ import annotations

import numpy as np

from simulator.cells import dates, known
from simulator.dekads import Dekad, Month
from simulator.delays import end_of
from simulator.draws import Bits, Ints
from simulator.office import Office
from simulator.rivalry import INTENT
from simulator.society import Happenings
from simulator.traffic import Presence, Traffic, presence, traffic


class Usage:
    """Sends the usage of each month after its end."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def begin(self) -> None:
        """There is no usage before the first month."""

    def dekad(self, happenings: Happenings, dekad: Dekad) -> None:
        """Usage is counted by month."""

    def month(self, month: Month) -> None:
        """Send the usage of a month."""
        office, society = self._office, self._office.society
        there = presence(society.members, month)
        minutes = traffic(
            office.preset,
            office.draws,
            society.groups,
            society.members,
            society.rivalry.state,
            there,
            month,
        )
        key = society.members.key[there.who]
        rows = {
            "user_id": office.users(there.who),
            "month": month.code,
            "version": 1,
            **self._minutes(key, minutes, month),
            **self._messages(key, there, minutes, month),
            **self._activity(key, there, minutes, month),
            **self._hotlines(key, there, month),
        }
        last = np.full(len(there.who), month.last)
        load = office.load("usage_month", key, last, month.index)
        office.send("usage_month", rows, end_of(last), load, source="BOSS")

    def _minutes(self, key: Bits, minutes: Traffic, month: Month) -> dict[str, object]:
        draws, u = self._office.draws, self._office.preset.usage
        telecom = u.telecom_share * 2 * draws.uniform("usage.telecom", key)
        out_telecom = np.rint(minutes.out_rival * np.minimum(telecom, 1.0)).astype(np.int64)
        in_telecom = np.rint(minutes.in_rival * np.minimum(telecom, 1.0)).astype(np.int64)

        def part(process: str, share: float) -> Ints:
            chance = draws.uniform(process, key, month.index)
            return np.rint(minutes.out * np.minimum(share * 2 * chance, 1.0)).astype(np.int64)

        return {
            "call_out_n": -(-minutes.out * 10 // 17),
            "call_in_n": -(-minutes.into * 10 // 16),
            "mou_out_m": minutes.out,
            "mou_in_m": minutes.into,
            "mou_out_onnet_m": minutes.out_onnet,
            "mou_out_rival_m": minutes.out_rival,
            "mou_out_ct_m": out_telecom,
            "mou_out_cu_m": minutes.out_rival - out_telecom,
            "mou_out_fixed_m": minutes.out_fixed,
            "mou_in_onnet_m": minutes.in_onnet,
            "mou_in_rival_m": minutes.in_rival,
            "mou_in_ct_m": in_telecom,
            "mou_in_cu_m": minutes.in_rival - in_telecom,
            "vnet_out_m": minutes.vnet_out,
            "vnet_in_m": minutes.vnet_in,
            "mou_toll_m": part("usage.toll", u.toll_share),
            "mou_roam_m": part("usage.roam", u.roam_share),
        }

    def _messages(
        self, key: Bits, there: Presence, minutes: Traffic, month: Month
    ) -> dict[str, object]:
        draws, u = self._office.draws, self._office.preset.usage
        members, who = self._office.society.members, there.who
        share = there.share(month, members.dual_out[who])
        noise = np.exp(0.3 * draws.normal("usage.sms", key, month.index))
        wave = np.exp(0.5 * draws.normal("usage.data", key, month.index))
        data = members.data[who] * there.share(month, u.dual_data) * wave
        habit = draws.happens("usage.short.habit", np.sqrt(u.short_sms_icc), key, month.index)
        usual = draws.happens("usage.short.usual", u.short_sms_effective, key)
        fresh = draws.happens("usage.short.fresh", u.short_sms_effective, key, month.index)
        uses = members.short_sms[who] & np.where(habit, usual, fresh)
        sent = 1 - np.log(draws.uniform("usage.short", key, month.index)) * 10
        short = np.where(uses, sent, 0).astype(np.int64)
        return {
            "sms_out_n": np.rint(members.sms[who] * share * noise).astype(np.int64) + short,
            "sms_short_out_n": short,
            "data_kb": np.rint(data).astype(np.int64),
        }

    def _activity(
        self, key: Bits, there: Presence, minutes: Traffic, month: Month
    ) -> dict[str, object]:
        draws = self._office.draws
        total = minutes.out + minutes.into
        busy = there.days * -np.expm1(-total / (there.days * 3.0))
        days = np.minimum(np.ceil(busy), there.days).astype(np.int64)
        quiet = np.floor(draws.uniform("usage.quiet", key, month.index) * there.days / (days + 1))
        width = np.exp(0.2 * draws.normal("usage.distinct", key, month.index))
        distinct = np.rint(22 * (minutes.out / 260) ** 0.6 * width)
        return {
            "active_days": days,
            "last_active_date": dates(there.last - quiet.astype(np.int64), total > 0),
            "distinct_out_n": np.minimum(distinct.astype(np.int64), minutes.out),
        }

    def _hotlines(self, key: Bits, there: Presence, month: Month) -> dict[str, object]:
        office = self._office
        draws, e, society = office.draws, office.preset.emission, office.society
        state = np.minimum(society.rivalry.state, INTENT)[society.members.group[there.who]]
        rate = np.array(e.hotline)[state] * there.days / month.days
        own = office.preset.usage.hotline_own
        forwards = (there.dual_days > 0) & draws.happens("usage.forward", e.forwarding_dual, key)
        seen = ~draws.happens("usage.forward.unknown", e.forwarding_unknown, key)
        return {
            "calls_10086_n": draws.count("usage.10086", own, key, month.index),
            "calls_10000_n": draws.count("usage.10000", rate * 0.6, key, month.index),
            "calls_10010_n": draws.count("usage.10010", rate * 0.4, key, month.index),
            "fwd_set_flag": known(forwards, seen),
        }
