"""usage_dekad and usage_month: minutes, messages and data of every member."""

from __future__ import annotations

import numpy as np

from simulator.cells import dates, known
from simulator.dekads import LONG_AGO, Dekad, Month
from simulator.delays import DAY, end_of
from simulator.draws import Bits, Flags, Ints
from simulator.office import Office
from simulator.society import Happenings
from simulator.traffic import Presence, Traffic, hotline_calls, presence, traffic

TRAFFIC = tuple(Traffic.__dataclass_fields__)
OTHERS = ("sms", "data", "active_days", "calls_10000", "calls_10010", "days", "dual_days")


class Usage:
    """Sends the usage of each dekad and, as the sum of its dekads, of each month after its end.

    ``vnet_over_30`` is the share of V-net users with more than 30 minutes inside their V-net in the
    last month, ``short_effective`` the share of subscribers who sent a short-number message;
    ``hotline`` the calls from each group to rivals' hotlines among the rows loaded in time for the
    operator's alerts.
    """

    def __init__(self, office: Office) -> None:
        self._office = office
        self._sums: dict[str, Ints] = {}
        self._last_active = np.zeros(0, dtype=np.int64)
        self.vnet_over_30 = self.short_effective = float("nan")
        self.hotline = np.zeros(office.society.groups.count, dtype=np.int64)

    def begin(self) -> None:
        """There is no usage before the first month."""

    def dekad(self, happenings: Happenings, dekad: Dekad) -> None:
        """Draw the usage of a dekad, add it to its month's, send it where dekads are delivered."""
        office, society = self._office, self._office.society
        preset, draws, members = office.preset, office.draws, society.members
        there = presence(members, dekad)
        state = society.rivalry.state
        minutes = traffic(preset, draws, society.groups, members, state, there, dekad)
        key = members.key[there.who]
        telecom, unicom = hotline_calls(
            preset, draws, key, state[members.group[there.who]], there, dekad
        )
        drawn = {
            **{name: getattr(minutes, name) for name in TRAFFIC},
            **self._messages(key, there, dekad),
            "active_days": self._active_days(minutes, there),
            "calls_10000": telecom,
            "calls_10010": unicom,
            "days": there.days,
            "dual_days": there.dual_days,
        }
        self._add(there, drawn, dekad)
        if 0 < preset.usage.dekads_from <= dekad.month.index + 1:
            self._send_dekad(there, key, drawn, dekad)

    def month(self, month: Month) -> None:
        """Send the usage of a month."""
        office, members = self._office, self._office.society.members
        who = np.flatnonzero(self._sums["days"])
        drawn = {name: total[who] for name, total in self._sums.items()}
        key = members.key[who]
        rows = {
            "user_id": office.users(who),
            "month": month.code,
            "version": 1,
            **self._minutes(key, drawn, month),
            **self._short_messages(who, drawn, month),
            **self._activity(who, drawn, month),
            **self._hotlines(who, drawn, month),
        }
        last = np.full(len(who), month.last)
        load = office.load("usage_month", key, last, month.index)
        office.send("usage_month", rows, end_of(last), load, source="BOSS")
        vnet = (drawn["vnet_out"] + drawn["vnet_in"])[members.vnet[who]]
        self.vnet_over_30 = share_of(vnet > 30)
        in_time = load < (month.last + 1 + office.preset.alert.hotline_day) * DAY
        seen = in_time & self._counts(members.group[who], month)
        calls = np.where(seen, drawn["calls_10000"] + drawn["calls_10010"], 0)
        self.hotline = np.bincount(members.group[who], calls, len(self.hotline)).astype(np.int64)

    def _add(self, there: Presence, drawn: dict[str, Ints], dekad: Dekad) -> None:
        members = self._office.society.members
        if dekad.index % 3 == 0:
            self._sums = {name: np.zeros(0, dtype=np.int64) for name in (*TRAFFIC, *OTHERS)}
            self._last_active = np.zeros(0, dtype=np.int64)
        for name, total in self._sums.items():
            fresh = np.zeros(members.count - len(total), dtype=np.int64)
            self._sums[name] = np.concatenate([total, fresh])
            self._sums[name][there.who] += drawn[name]
        fresh = np.full(members.count - len(self._last_active), LONG_AGO)
        self._last_active = np.concatenate([self._last_active, fresh])
        key = members.key[there.who]
        quiet = self._office.draws.uniform("usage.quiet", key, dekad.index)
        idle = np.floor(quiet * there.days / (drawn["active_days"] + 1)).astype(np.int64)
        active = (drawn["out"] + drawn["into"]) > 0
        self._last_active[there.who[active]] = (there.last - idle)[active]

    def _send_dekad(self, there: Presence, key: Bits, drawn: dict[str, Ints], dekad: Dekad) -> None:
        office, group = self._office, self._office.society.members.group[there.who]
        counted = self._counts(group, dekad.month)
        rows = {
            "user_id": office.users(there.who),
            "dekad": dekad.code,
            "version": 1,
            "mou_out_m": drawn["out"],
            "mou_in_m": drawn["into"],
            "vnet_m": drawn["vnet_out"],
            "mou_rival_m": drawn["out_rival"],
            "sms_out_n": drawn["sms"],
            "data_kb": drawn["data"],
            "active_days": drawn["active_days"],
            "calls_100xx_n": known(drawn["calls_10000"] + drawn["calls_10010"], counted),
        }
        last = np.full(len(key), dekad.last)
        load = office.load("usage_dekad", key, last, dekad.index)
        office.send("usage_dekad", rows, end_of(last), load, source="BOSS")

    def _minutes(self, key: Bits, drawn: dict[str, Ints], month: Month) -> dict[str, object]:
        draws, u = self._office.draws, self._office.preset.usage
        telecom = np.minimum(u.telecom_share * 2 * draws.uniform("usage.telecom", key), 1.0)
        out_telecom = np.rint(drawn["out_rival"] * telecom).astype(np.int64)
        in_telecom = np.rint(drawn["in_rival"] * telecom).astype(np.int64)

        def part(process: str, share: float) -> Ints:
            chance = draws.uniform(process, key, month.index)
            return np.rint(drawn["out"] * np.minimum(share * 2 * chance, 1.0)).astype(np.int64)

        return {
            "call_out_n": np.ceil(drawn["out"] / u.minutes_a_call).astype(np.int64),
            "call_in_n": np.ceil(drawn["into"] / u.minutes_a_call).astype(np.int64),
            "mou_out_m": drawn["out"],
            "mou_in_m": drawn["into"],
            "mou_out_onnet_m": drawn["out_onnet"],
            "mou_out_rival_m": drawn["out_rival"],
            "mou_out_ct_m": out_telecom,
            "mou_out_cu_m": drawn["out_rival"] - out_telecom,
            "mou_out_fixed_m": drawn["out_fixed"],
            "mou_in_onnet_m": drawn["in_onnet"],
            "mou_in_rival_m": drawn["in_rival"],
            "mou_in_ct_m": in_telecom,
            "mou_in_cu_m": drawn["in_rival"] - in_telecom,
            "vnet_out_m": drawn["vnet_out"],
            "vnet_in_m": drawn["vnet_in"],
            "mou_toll_m": part("usage.toll", u.toll_share),
            "mou_roam_m": part("usage.roam", u.roam_share),
        }

    def _messages(self, key: Bits, there: Presence, dekad: Dekad) -> dict[str, Ints]:
        draws, u = self._office.draws, self._office.preset.usage
        members, who = self._office.society.members, there.who
        part = dekad.days / dekad.month.days
        noise = np.exp(u.sms_sigma * draws.normal("usage.sms", key, dekad.index))
        wave = np.exp(u.data_sigma_dekad * draws.normal("usage.data", key, dekad.index))
        sms = members.sms[who] * part * there.share(dekad, members.dual_out[who]) * noise
        data = members.data[who] * part * there.share(dekad, u.dual_data) * wave
        return {"sms": np.rint(sms).astype(np.int64), "data": np.rint(data).astype(np.int64)}

    def _short_messages(self, who: Ints, drawn: dict[str, Ints], month: Month) -> dict[str, object]:
        """Messages to short numbers are part of the month's, and sent by few who could."""
        draws, u = self._office.draws, self._office.preset.usage
        members, key = self._office.society.members, self._office.society.members.key[who]
        habit = draws.happens("usage.short.habit", np.sqrt(u.short_sms_icc), key, month.index)
        usual = draws.happens("usage.short.usual", u.short_sms_effective, key)
        fresh = draws.happens("usage.short.fresh", u.short_sms_effective, key, month.index)
        uses = members.short_sms[who] & np.where(habit, usual, fresh)
        sent = 1 - np.log(draws.uniform("usage.short", key, month.index)) * u.short_sms_mean
        short = np.where(uses, sent, 0).astype(np.int64)
        self.short_effective = share_of(uses[members.short_sms[who]])
        return {
            "sms_out_n": drawn["sms"] + short,
            "sms_short_out_n": short,
            "data_kb": drawn["data"],
        }

    def _active_days(self, minutes: Traffic, there: Presence) -> Ints:
        """The more minutes, the fewer days without any."""
        u = self._office.preset.usage
        busy = -np.expm1(-(minutes.out + minutes.into) / (there.days * u.minutes_active_day))
        return np.minimum(np.ceil(there.days * busy), there.days).astype(np.int64)

    def _activity(self, who: Ints, drawn: dict[str, Ints], month: Month) -> dict[str, object]:
        draws, u = self._office.draws, self._office.preset.usage
        key = self._office.society.members.key[who]
        width = np.exp(0.2 * draws.normal("usage.distinct", key, month.index))
        distinct = np.rint(u.distinct_peers * (drawn["out"] / u.mou_out_mean.C) ** 0.6 * width)
        seen = self._last_active[who] > LONG_AGO
        return {
            "active_days": drawn["active_days"],
            "last_active_date": dates(np.where(seen, self._last_active[who], month.last), seen),
            "distinct_out_n": np.minimum(distinct.astype(np.int64), drawn["out"]),
        }

    def _hotlines(self, who: Ints, drawn: dict[str, Ints], month: Month) -> dict[str, object]:
        office, members = self._office, self._office.society.members
        draws, e, key = office.draws, office.preset.emission, members.key[who]
        counted = self._counts(members.group[who], month)
        diverts = drawn["dual_days"] > 0
        forwards = diverts & draws.happens("usage.forward", e.forwarding_dual, key)
        seen = ~draws.happens("usage.forward.unknown", e.forwarding_unknown, key)
        own = office.preset.usage.hotline_own
        return {
            "calls_10086_n": draws.count("usage.10086", own, key, month.index),
            "calls_10000_n": known(drawn["calls_10000"], counted),
            "calls_10010_n": known(drawn["calls_10010"], counted),
            "fwd_set_flag": known(forwards, seen),
        }

    def _counts(self, group: Ints, month: Month) -> Flags:
        """Where calls to rivals' hotlines are counted: one area's counter fails for some months."""
        u, area = self._office.preset.usage, self._office.society.groups.area[group]
        since = month.index + 1 - u.counter_off_month
        silent = 0 <= since < u.counter_off_months
        return np.asarray((area != u.counter_off_area - 1) | (not silent), dtype=np.bool_)


def share_of(flags: Flags) -> float:
    """How many of some are so; unknown of none."""
    return float(flags.mean()) if len(flags) else float("nan")
