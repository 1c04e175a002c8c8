"""Agreements that bind: signed, running, ending, renewed, broken.

One book holds the newest agreement of each member (subsidy contracts) or of each group (points
V-net). The agreements of a group's own yearly campaign all end on the group's main expiry day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from simulator import draws as random
from simulator.dekads import LONG_AGO, NEVER, Dekad, add_months, anniversary, years
from simulator.draws import Bits, Draws, Flags, Floats, Ints
from simulator.preset import Preset

NEWS = ("live", "expired", "broken", "renewed")
LIVE, EXPIRED, BROKEN, RENEWED = range(4)
DAYS = 28
"""The days of a month on which agreements of a group may end together."""
COLUMNS = ("key", "month", "day", "serial", "term", "signed", "end", "renew_on", "last_end")


@dataclass(frozen=True)
class News:
    """Agreements whose status changed: ``who`` (row of the book), what they were, since when."""

    who: Ints
    serial: Ints
    term: Ints
    signed: Ints
    end: Ints
    status: int
    since: Ints


@dataclass
class Book:
    """The newest agreement of each of some parties; ``end`` is LONG_AGO where none is live.

    ``month`` and ``day`` are the yearly day on which the party's group lets its agreements end.
    """

    name: str
    key: Bits
    month: Ints
    day: Ints
    serial: Ints = field(init=False)
    term: Ints = field(init=False)
    signed: Ints = field(init=False)
    end: Ints = field(init=False)
    renew_on: Ints = field(init=False)
    last_end: Ints = field(init=False)
    news: list[News] = field(default_factory=list)

    def __post_init__(self) -> None:
        count = len(self.key)
        self.serial = np.zeros(count, dtype=np.int64)
        self.term = np.zeros(count, dtype=np.int64)
        self.signed = np.full(count, LONG_AGO)
        self.end = np.full(count, LONG_AGO)
        self.renew_on = np.full(count, NEVER)
        self.last_end = np.full(count, LONG_AGO)

    @property
    def live(self) -> Flags:
        """Who is bound today."""
        return self.end > LONG_AGO

    def add(self, other: Book) -> None:
        """Put the parties of ``other``, who have no agreements yet, behind ours."""
        for name in COLUMNS:
            setattr(self, name, np.concatenate([getattr(self, name), getattr(other, name)]))

    def begin(self, preset: Preset, draws: Draws, share: Floats, start: int) -> None:
        """Give a ``share`` of the parties agreements that are already running on day ``start``."""
        who = np.flatnonzero(draws.happens(f"{self.name}.begin", share, self.key))
        key = self.key[who]
        term = self._terms(preset, draws, who)
        rest = draws.uniform(f"{self.name}.rest", key)
        alone = start + np.floor(rest * term * 30).astype(np.int64) + 1
        expected = np.full(len(who), start) + np.floor(rest * (term // 12)).astype(np.int64) * 365
        together = self._next_anchor(who, expected)
        grouped = draws.happens(f"{self.name}.grouped", 0.85, key) & (term % 12 == 0)
        end = np.where(grouped, together, alone)
        self._write(who, np.minimum(add_months(end, -term), start - 1), end, term)

    def expire(self, preset: Preset, draws: Draws, dekad: Dekad, renewing: Floats) -> None:
        """End what runs out in this dekad and settle whether and when it will be renewed."""
        who = np.flatnonzero((self.end >= dekad.first) & (self.end <= dekad.last))
        key, serial = self.key[who], self.serial[who]
        self._tell(who, EXPIRED, self.end[who])
        renews = draws.happens(f"{self.name}.renews", renewing[who], key, serial)
        wait = draws.whole(f"{self.name}.wait", 1, preset.lock.renew_within_days, key, serial)
        self.renew_on[who] = np.where(renews, self.end[who] + wait, NEVER)
        self.last_end[who] = self.end[who]
        self.end[who] = LONG_AGO

    def sign(
        self, preset: Preset, draws: Draws, dekad: Dekad, willing: Flags, monthly: Floats
    ) -> None:
        """Renew what is due, and sign up others of the ``willing`` at their monthly rate."""
        due = willing & ~self.live & (self.renew_on <= dekad.last)
        free = willing & ~self.live & (self.renew_on == NEVER)
        rate = random.dekad_hazard(monthly * self._season(preset, dekad))
        new = free & draws.happens(f"{self.name}.sign", rate, self.key, dekad.index)
        who = np.flatnonzero(due | new)
        day = dekad.day(draws, f"{self.name}.day", self.key[who])
        day = np.where(due[who], np.maximum(self.renew_on[who], dekad.first), day)
        renewed = who[due[who]]
        self._tell(renewed, RENEWED, day[due[who]], end=self.last_end[renewed])
        term = self._terms(preset, draws, who)
        anchor = self._next_anchor(who, day - 365)
        in_campaign = (day - anchor <= preset.lock.campaign_days) & (term % 12 == 0)
        end = np.where(
            in_campaign, self._next_anchor(who, anchor + (term - 1) * 30), add_months(day, term)
        )
        self._write(who, day, end, term)

    def break_off(self, who: Ints, day: Ints) -> None:
        """End the live agreements of parties that leave."""
        held = self.live[who]
        who, day = who[held], day[held]
        self._tell(who, BROKEN, day)
        self.end[who] = LONG_AGO
        self.renew_on[who] = NEVER

    def outlook(
        self, preset: Preset, ahead: Sequence[Dekad], renewing: Floats, monthly: Floats
    ) -> Floats:
        """How likely each party is bound at the end of each dekad ahead: dekads × parties.

        Ends are known; renewals and new sign-ups are expected at the parties' own rates.
        """
        within = preset.lock.renew_within_days
        ends = np.where(self.live, self.end, self.last_end)
        gone = np.clip((ahead[0].first - ends) / within, 0.0, 1.0)
        renews = np.where(gone < 1.0, renewing * (1.0 - gone) / (1.0 - renewing * gone), 0.0)
        signed = np.zeros(len(ends))
        bound = []
        for dekad in ahead:
            ended = ends <= dekad.last
            passed = np.clip((dekad.last - ends) / within, 0.0, 1.0)
            back = renews * (passed - gone) / np.maximum(1.0 - gone, 1e-9)
            rate = random.dekad_hazard(monthly * self._season(preset, dekad))
            signed = signed + (1.0 - signed) * rate * ended
            again = 1.0 - (1.0 - back) * (1.0 - (1.0 - renews) * signed)
            bound.append(np.where(ended, again, 1.0))
        return np.array(bound)

    def take_news(self) -> list[News]:
        """What changed since the last call."""
        news, self.news = self.news, []
        return news

    def _write(self, who: Ints, signed: Ints, end: Ints, term: Ints) -> None:
        self.serial[who] += 1
        self.term[who], self.signed[who], self.end[who] = term, signed, end
        self.renew_on[who] = NEVER
        self._tell(who, LIVE, signed)

    def _tell(self, who: Ints, status: int, since: Ints, end: Ints | None = None) -> None:
        ends = self.end[who] if end is None else end
        self.news.append(
            News(who, self.serial[who], self.term[who], self.signed[who], ends, status, since)
        )

    def _terms(self, preset: Preset, draws: Draws, who: Ints) -> Ints:
        names, weights = random.weights(preset.lock.terms_m)
        serial = self.serial[who] + 1
        chosen = draws.choice(f"{self.name}.term", weights, self.key[who], serial)
        return np.array([int(n) for n in names], dtype=np.int64)[chosen]

    def _next_anchor(self, who: Ints, after: Ints) -> Ints:
        """The first yearly expiry day of each party's group later than day ``after``."""
        return _next_day(self.month[who], self.day[who], after)

    def _season(self, preset: Preset, dekad: Dekad) -> Floats:
        """How much more is signed just after the group's main expiry than at other times."""
        p = preset.lock
        month, day = np.divmod(np.arange(12 * DAYS), DAYS)
        anchor = _next_day(month + 1, day + 1, np.full(len(month), dekad.first - 366))
        inside = dekad.first - anchor <= p.campaign_days
        year_part = p.campaign_days / 365
        by_anchor = np.where(
            inside, p.campaign_share / year_part, (1 - p.campaign_share) / (1 - year_part)
        )
        return np.asarray(by_anchor[(self.month - 1) * DAYS + self.day - 1])


def _next_day(month: Ints, day: Ints, after: Ints) -> Ints:
    """The first such day of a year that is later than day ``after``."""
    this = anniversary(years(after), month, day)
    return np.where(this > after, this, anniversary(years(after) + 1, month, day))


def sign_up_rate(preset: Preset, coverage: Floats, renewing: Floats) -> Floats:
    """The monthly rate of new sign-ups that keeps a share ``coverage`` under agreement.

    In a cycle a party is bound for the mean term, then free until it renews or signs anew.
    """
    names, weights = random.weights(preset.lock.terms_m)
    term = float(np.dot([float(n) for n in names], weights) / sum(weights))
    wait = renewing * preset.lock.renew_within_days / 2 / 30
    share = np.clip(coverage, 0.0, 0.9)
    free = term * (1.0 - share) / np.maximum(share, 1e-9) - wait
    return (1.0 - renewing) / np.maximum(free, 0.5)
