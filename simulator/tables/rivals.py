"""rival_event: what account managers report of the rival; late, partial, sometimes untrue."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator import draws as random
from simulator.cells import dates, known, pick
from simulator.dekads import LONG_AGO, Dekad, Month
from simulator.delays import DAY
from simulator.draws import Draws, Flags, Floats, Ints
from simulator.office import Office, midnight
from simulator.rivalry import LEVERS
from simulator.society import Happenings
from simulator.tables.staff import Staff

OUTCOMES = ("repelled", "pending", "lost")
TRUE, FALSE, LOST = "true", "false", "lost"


@dataclass(frozen=True)
class Story:
    """What there is to report: groups, days, levers, and whether the group intends to move."""

    kind: str
    group: Ints
    day: Ints
    lever: Ints
    second: Ints
    telecom: Flags
    intent: Flags
    outcome: Ints


@dataclass(frozen=True)
class Told:
    """Reports on their way: the day each will be loaded, if a survey in it says that the group
    intends to move, and if it says that the group has gone.
    """

    group: Ints
    day: Ints
    wants: Flags
    lost: bool


def arrived(told: list[Told], day: int) -> tuple[list[Told], list[Told]]:
    """The reports that are loaded by a day, and those that are still on their way."""
    here = [_part(one, one.day <= day) for one in told]
    waiting = [_part(one, one.day > day) for one in told]
    return here, [one for one in waiting if len(one.group)]


class Rivals:
    """Sends reports."""

    def __init__(self, office: Office, staff: Staff) -> None:
        self._office, self._staff = office, staff
        self._newest = np.full(office.society.groups.count, LONG_AGO)
        self._coming: list[Told] = []
        self._told: list[Told] = []

    def begin(self) -> None:
        """Reports start with the world."""

    def dekad(self, happenings: Happenings, dekad: Dekad) -> None:
        """Settle what is reported of the attacks and losses of a dekad, and what is made up."""
        self._report(self._attacks(happenings, dekad), dekad)
        self._report(self._rumours(dekad), dekad)
        self._report(self._losses(happenings, dekad), dekad)

    def month(self, month: Month) -> None:
        """Reports are sent as they are written."""

    def newest_report(self, day: int) -> Ints:
        """The day on which each group's newest report was loaded, before ``day``."""
        here, self._coming = arrived(self._coming, day - 1)
        for told in here:
            np.maximum.at(self._newest, told.group, told.day)
        return self._newest

    def take_told(self) -> list[Told]:
        """The reports settled since the last call; most of them will be loaded later."""
        told, self._told = self._told, []
        return told

    def _attacks(self, happenings: Happenings, dekad: Dekad) -> Story:
        p, draws = self._office.preset.fieldwork, self._office.draws
        attacks = happenings.attacks
        managed = self._office.society.groups.managed[attacks.group]
        chance = np.where(managed, p.report_managed, p.report_unmanaged)
        told = draws.happens("report.told", chance, attacks.group, dekad.index)
        group, intent = attacks.group[told], attacks.intent[told]
        guess = draws.uniform("report.outcome", group, dekad.index)
        repelled = np.where(intent, p.claim_repelled_intent, p.claim_repelled)
        outcome = np.where(guess < repelled, 0, np.where(guess < p.claim, 1, -1))
        mentions = draws.happens("report.second", p.second_lever_told, group, dekad.index)
        second = np.where(mentions, attacks.second[told], -1)
        return Story(
            TRUE,
            group,
            attacks.day[told],
            attacks.lever[told],
            second,
            attacks.telecom[told],
            intent,
            outcome,
        )

    def _rumours(self, dekad: Dekad) -> Story:
        """Reports of attacks that never were."""
        office, draws = self._office, self._office.draws
        hazard = random.dekad_hazard(office.preset.fieldwork.report_false)
        everyone = office.society.groups.index
        group = everyone[draws.happens("rumour", hazard, everyone, dekad.index)]
        day = dekad.day(draws, "rumour.day", group)
        names, weights = random.weights(office.preset.fieldwork.rumour_levers)
        codes = np.array([LEVERS.index(name) for name in names])
        lever = codes[draws.choice("rumour.lever", weights, group, dekad.index)]
        nothing = np.full(len(group), -1)
        telecom = draws.happens(
            "rumour.telecom", office.preset.attack.telecom_share, group, dekad.index
        )
        no = np.zeros(len(group), dtype=bool)
        return Story(FALSE, group, day, lever, nothing, telecom, no, nothing)

    def _losses(self, happenings: Happenings, dekad: Dekad) -> Story:
        """Reports written after a group has gone, about the time before."""
        office, p = self._office, self._office.preset.fieldwork
        draws, society = office.draws, office.society
        moved = happenings.transfers.group
        wooed = np.array([d != "background" for d in happenings.transfers.driver], dtype=bool)
        managed = society.groups.managed[moved]
        chance = np.where(managed, p.report_lost_managed, p.report_lost_unmanaged)
        told = wooed & draws.happens("loss.told", chance, moved, dekad.index)
        group, day = moved[told], happenings.transfers.day[told]
        return Story(
            LOST,
            group,
            day,
            society.rivalry.lever[group],
            np.full(len(group), -1),
            draws.happens("loss.telecom", office.preset.attack.telecom_share, group, dekad.index),
            np.ones(len(group), bool),
            np.full(len(group), 2),
        )

    def _report(self, story: Story, dekad: Dekad) -> None:
        if not len(story.group):
            return
        office, p = self._office, self._office.preset.fieldwork
        draws, group, step = office.draws, story.group, dekad.index
        name = f"report.{story.kind}"
        after = p.loss_told_after_days if story.kind == LOST else 0
        wait = np.exp(p.report_delay_mu + p.report_delay_sigma * draws.normal(name, group, step))
        written = (
            story.day + after + np.minimum(np.ceil(wait), p.report_delay_most_days).astype(np.int64)
        )
        load = office.load("rival_event", group, written, written)
        happened = story.day
        if story.kind == LOST:
            happened = story.day - draws.whole(
                f"{name}.before", 0, p.loss_dated_before_days, group, step
            )
        dated = ~draws.happens(f"{name}.undated", p.report_day_unknown, group, step)
        surveyed = draws.happens(f"{name}.survey", p.survey, group, step)
        right = draws.happens(f"{name}.right", p.survey_right, group, step)
        receivers, shares = random.weights(p.offered_to)
        rows = {
            "event_id": report_ids(draws, story.kind, group, step),
            "group_id": office.groups(group),
            "report_staff_id": self._staff.ids(self._reporters(group)),
            "event_date": dates(happened, dated),
            "report_date": dates(written),
            "rival": pick(["CU", "CT"], story.telecom.astype(np.int64)),
            "lever": _levers(story.lever, story.second),
            "offer_discount_pct": known(
                self._offers(name, story.lever, group, step),
                draws.happens(f"{name}.priced", p.offer_told, group, step),
            ),
            "offered_to": pick(receivers, draws.choice(f"{name}.to", shares, group, step)),
            "outcome_claimed": pick(OUTCOMES, story.outcome),
            "intent_survey": pick(
                ["no", "yes"], np.where(surveyed, story.intent == right, -1).astype(np.int64)
            ),
            "intent_survey_date": dates(written, surveyed),
        }
        event = midnight(np.where(dated, happened, written))
        office.send("rival_event", rows, event, load)
        wants = surveyed & (story.intent == right)
        told = Told(group, load // DAY, wants, story.kind == LOST)
        self._coming.append(told)
        self._told.append(told)

    def _reporters(self, group: Ints) -> Ints:
        manager = self._staff.manager[group]
        return np.where(manager < 0, self._staff.desk, manager)

    def _offers(self, name: str, lever: Ints, group: Ints, step: int) -> Floats:
        draws = self._office.draws
        price = lever == LEVERS.index("tariff_cut")
        low = np.where(price, 20, 5)
        return draws.whole(f"{name}.discount", low, low + 30, group, step).astype(np.float64)


def report_ids(draws: Draws, kind: str, group: Ints, step: int) -> list[str]:
    """Keys of reports; nothing in them tells true reports from false ones."""
    return [f"E{bits:016x}" for bits in draws.bits(f"report.id.{kind}", group, step).tolist()]


def _part(told: Told, flags: Flags) -> Told:
    return Told(told.group[flags], told.day[flags], told.wants[flags], told.lost)


def _levers(first: Ints, second: Ints) -> list[str]:
    return [
        LEVERS[a] if b < 0 else f"{LEVERS[a]}|{LEVERS[b]}"
        for a, b in zip(first.tolist(), second.tolist(), strict=True)
    ]
