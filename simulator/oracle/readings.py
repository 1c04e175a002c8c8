"""How likely each dekad's evidence is under each hidden state of a group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator import draws as random
from simulator.dekads import Dekad
from simulator.draws import Floats, Ints
from simulator.dynamics import INTENT
from simulator.oracle.chain import lever_shares
from simulator.oracle.evidence import Evidence
from simulator.population import Groups
from simulator.portability import dual_share
from simulator.preset import Preset
from simulator.rivalry import LEVERS
from simulator.tables.service import RIVAL_MENTION

STATES = 3
FEWEST_MINUTES = 10
"""Below these, a member's minutes of a dekad say nothing of where they go."""
GRID = 9
"""Points over which the unknown factor of a member's diverted minutes is averaged."""


@dataclass(frozen=True)
class Telling:
    """How much likelier what was or was not reported is if …

    Each has one number for each group: no attack came, an attack won the group, it did not.
    """

    quiet: Floats
    won: Floats
    resisted: Floats


class Readings:
    """The evidence of a county with its likelihoods."""

    def __init__(self, preset: Preset, groups: Groups, evidence: Evidence) -> None:
        self._preset, self._groups, self._evidence = preset, groups, evidence
        usage = evidence.usage.columns
        sent = usage.pop("sent").astype(np.float64)
        usage["dual_odds"] = _dual_odds(preset, sent, usage.pop("received").astype(np.float64))
        usage["logit"], usage["weight"] = _rival_logit(preset, sent, usage.pop("rival"))

    def telling(self, dekad: Dekad, known: int) -> Telling:
        """What reports of attacks in a dekad say, and their silence, on day ``known``."""
        p, groups = self._preset.fieldwork, self._groups
        rate = np.where(groups.managed, p.report_managed, p.report_unmanaged)
        rumour = float(random.dekad_hazard(p.report_false))
        arrived = self._report_arrived(known - (dekad.first + dekad.last) / 2)
        quiet = np.full(groups.count, 1.0 - rumour * arrived)
        won = 1.0 - rate * arrived
        resisted = won.copy()
        rows = self._evidence.reports.of(dekad.index, known)
        place = rows["place"]
        if len(place):
            survey, outcome = rows["survey"], rows["outcome"]
            weights = _shares(p.rumour_levers)
            made_up = np.array([weights.get(name, 0.0) for name in LEVERS])[rows["lever"]]
            made_up = rumour * made_up * self._survey(survey, False)
            quiet[place] = made_up * ((outcome == -1) & ~rows["two"])
            shares = lever_shares(self._preset, dekad)
            lever = rate[place] * shares[groups.tier[place], rows["lever"]]
            won[place] = lever * self._survey(survey, True) * self._outcome(outcome, True)
            resisted[place] = lever * self._survey(survey, False) * self._outcome(outcome, False)
        return Telling(quiet, won, resisted)

    def tariff_known(self, dekad: Dekad, known: int) -> Floats:
        """1 where an attack by a cheaper tariff was reported, 0 by another lever, NaN if none."""
        rows = self._evidence.reports.of(dekad.index, known)
        cut = np.full(self._groups.count, np.nan)
        cut[rows["place"]] = rows["lever"] == LEVERS.index("tariff_cut")
        return cut

    def campaign_odds(self, dekad: Dekad, known: int) -> Floats:
        """Likelihood ratio of each area's notices for a campaign at the end of ``dekad``."""
        areas = np.ones(self._preset.population.areas)
        if dekad.last != dekad.month.last:
            return areas
        law, seen = self._preset.delivery.rival_campaign, self._preset.fieldwork.campaign_seen
        span = law["last"] - law["first"] + 1
        arrived = np.clip((known - dekad.last - law["first"] + 1) / span, 0.0, 1.0)
        areas[:] = 1.0 - seen * arrived
        areas[self._evidence.campaigns.of(dekad.index, known)["area"]] = 1e9
        return areas

    def before(self, dekad: Dekad, known: int) -> Floats:
        """Log-likelihood, for states before a dekad, of tickets and visits in it: × groups."""
        size = self._evidence.present(dekad.index, known)
        return self._tickets(dekad, known, size) + self._visits(dekad, known)

    def states(self, dekad: Dekad, known: int) -> Floats:
        """Log-likelihood of a dekad's usage: states at its end × usual rival shares × groups."""
        usage = self._evidence.usage.of(dekad.index, known)
        return self._hotlines(usage, dekad)[:, None, :] + self._rival_shares(usage)

    def diversion(
        self, dual: Floats, states: Floats, churn: Floats, dekad: Dekad, known: int
    ) -> tuple[Floats, Floats]:
        """What members' diverted minutes and departures say of each state of their group.

        Args:
            dual: Chance of each member to have a rival SIM before the dekad.
            states: Chance of each state of each group in the dekad: states × groups.
            churn: How contracts change the hazard of leaving in each group, 1 on average.

        Returns:
            Log-likelihood, states × groups, and the members' chances after the dekad.
        """
        p, groups = self._preset.member, self._groups
        rate = random.dekad_hazard(self._adoption())
        dual_part = dual_share(self._preset, dekad.first) * p.diversion
        takes = rate * dual_part
        usage = self._evidence.usage.of(dekad.index, known)
        who, place, odds = usage["member"], usage["place"], usage["dual_odds"]
        stays = 1.0 - random.dekad_hazard(p.dual_to_sole) - random.dekad_hazard(p.dual_to_gone)
        held = dual[who] * stays
        likelihood = np.zeros((STATES, groups.count))
        for state in range(STATES):
            prior = held + (1.0 - dual[who]) * takes[state, place]
            likelihood[state] = np.bincount(place, np.log1p(prior * (odds - 1.0)), groups.count)
        usual = (states * takes).sum(axis=0)
        prior = held + (1.0 - dual[who]) * usual[place]
        after = self._unseen(dual, usual, stays, dekad)
        after[who] = prior * odds / (1.0 + prior * (odds - 1.0))
        gone = np.bincount(place, dual[who], groups.count) * random.dekad_hazard(p.dual_to_gone)
        leaves = rate * (1.0 - dual_part)
        return likelihood + self._departures(leaves, gone, churn, dekad, known), after

    def _unseen(self, dual: Floats, usual: Floats, stays: Floats, dekad: Dekad) -> Floats:
        """Members' chances where nothing is seen of them; newcomers have none."""
        place, began = self._evidence.member_groups, self._evidence.member_began
        later = dual * stays + (1.0 - dual) * usual[place]
        return np.where(began < dekad.index, later, np.where(began == dekad.index, 0.0, dual))

    def _adoption(self) -> Floats:
        p = self._preset.member
        monthly = np.array([p.adopt_calm, p.adopt_attacked, p.adopt_intent])
        return monthly[:, None] * p.adopt_tier.at(self._groups.tier)

    def _departures(
        self, leaves: Floats, gone: Floats, churn: Floats, dekad: Dekad, known: int
    ) -> Floats:
        """Members who leave the net: more of those in groups that are wooed."""
        p, groups = self._preset, self._groups
        size = self._evidence.present(dekad.index, known)
        bound = 1.0 - p.transfer.hard_blocked_by_contract * p.lock.effect * groups.lock_level
        usual = random.dekad_hazard(p.member.other_hard_churn.at(groups.tier) * churn)
        rate = size * (usual + leaves * bound) + gone + 1e-9
        since = known - (dekad.first + dekad.last) / 2
        silent = p.delivery.arrears_retention_days
        told = p.member.voluntary * (since > 2) + (1 - p.member.voluntary) * (since > silent + 2)
        left = self._evidence.departures.of(dekad.index, known)["place"]
        seen = np.bincount(left, minlength=groups.count) * np.log(rate) - rate * told
        return np.where(size > 0, seen, 0.0)

    def _tickets(self, dekad: Dekad, known: int, size: Floats) -> Floats:
        p, count = self._preset.fieldwork, self._groups.count
        usual, wooed = _shares(p.ticket_cats), _shares(p.ticket_cats_intent)
        told = {cat: np.log(p.tickets_intent * wooed[cat] / usual[cat]) for cat in usual}
        rows = self._evidence.tickets.of(dekad.index, known)
        extra = np.array([told[cat] for cat in rows["category"].tolist()], dtype=np.float64)
        likelihood = np.zeros((STATES, count))
        likelihood[INTENT] = np.bincount(rows["place"], extra, count)
        likelihood[INTENT] -= size * p.tickets / 3 * (p.tickets_intent - 1.0)
        return np.where(size > 0, likelihood, 0.0)

    def _visits(self, dekad: Dekad, known: int) -> Floats:
        p, count = self._preset.fieldwork, self._groups.count
        usual = _shares(p.visit_results)[RIVAL_MENTION]
        speaks = p.visit_rival_wooed
        rows = self._evidence.visits.of(dekad.index, known)
        extra = np.where(
            rows["result"] == RIVAL_MENTION,
            np.log((speaks + (1.0 - speaks) * usual) / usual),
            np.log(1.0 - speaks),
        )
        likelihood = np.zeros((STATES, count))
        likelihood[INTENT] = np.bincount(rows["place"], np.asarray(extra, dtype=np.float64), count)
        return likelihood

    def _hotlines(self, usage: dict[str, np.ndarray], dekad: Dekad) -> Floats:
        counted = usage["hotline"] >= 0
        place, count = usage["place"][counted], self._groups.count
        calls = np.bincount(place, usage["hotline"][counted], count)
        exposed = np.bincount(place, minlength=count) * dekad.days / dekad.month.days
        rate = np.array(self._preset.emission.hotline)[:, None]
        return np.asarray(calls * np.log(rate) - exposed * rate)

    def _rival_shares(self, usage: dict[str, np.ndarray]) -> Floats:
        e, count = self._preset.emission, self._groups.count
        weight = np.bincount(usage["place"], usage["weight"], count)
        seen = weight > 0
        total = np.bincount(usage["place"], usage["weight"] * usage["logit"], count)
        mean = np.divide(total, weight, out=np.zeros(count), where=seen)
        spread = e.rival_sd_group**2 + np.divide(1.0, weight, out=np.ones(count), where=seen)
        centre = (
            e.rival_base
            + e.rival_eps * np.array([-1, 0, 1])[None, :, None]
            + np.array(e.rival_state)[:, None, None]
        )
        return np.where(seen, -((mean - centre) ** 2) / (2.0 * spread), 0.0)

    def _report_arrived(self, days: float) -> float:
        """Share of the reports that are loaded so many days after the attack."""
        p = self._preset.fieldwork
        if days <= 1.5:
            return 0.0
        z = (np.log(days - 1.5) - p.report_delay_mu) / p.report_delay_sigma
        return float(random.normal_chance(np.array([z]))[0])

    def _outcome(self, outcome: Ints, intent: bool) -> Floats:
        """Chance of what managers claim came of an attack: repelled, pending, nothing (-1)."""
        p = self._preset.fieldwork
        repelled = p.claim_repelled_intent if intent else p.claim_repelled
        return np.array([repelled, p.claim - repelled, 1.0 - p.claim])[outcome]

    def _survey(self, survey: Ints, intent: bool) -> Floats:
        p = self._preset.fieldwork
        right = np.where(survey == intent, p.survey_right, 1.0 - p.survey_right)
        return np.where(survey < 0, 1.0 - p.survey, p.survey * right)


def _shares(weights: object) -> dict[str, float]:
    pairs = dict(weights)  # type: ignore[call-overload]
    return {name: weight / sum(pairs.values()) for name, weight in pairs.items()}


def _dual_odds(preset: Preset, sent: Floats, received: Floats) -> Floats:
    """How much likelier each member's balance of minutes is with a rival SIM than without."""
    u = preset.usage
    enough = (sent >= FEWEST_MINUTES / 2) & (received >= FEWEST_MINUTES / 2)
    ratio = np.log(np.maximum(sent, 1) / np.maximum(received, 1)) + np.log(u.inbound)
    rounding = (1 / np.maximum(sent, 1) ** 2 + 1 / np.maximum(received, 1) ** 2) / 12
    spread = 2.0 * u.sigma_separate**2 + rounding
    factors = u.dual_out_low + (np.arange(GRID) + 0.5) / GRID * (u.dual_out_high - u.dual_out_low)
    odds = np.zeros(len(ratio))
    for shift in np.log(factors / u.dual_in):
        odds += np.exp(np.clip((2.0 * ratio * shift - shift**2) / (2.0 * spread), -30, 30))
    return np.where(enough, odds / GRID, 1.0)


def _rival_logit(preset: Preset, sent: Floats, rival: Ints) -> tuple[Floats, Floats]:
    """The log-odds of each member's share of calls to rivals, and how much they count."""
    minutes = sent * (1.0 - preset.usage.fixed_share)
    enough = minutes >= FEWEST_MINUTES
    minutes = np.maximum(minutes, 1.0)
    share = np.clip(rival / minutes, 0.5 / minutes, 1.0 - 0.5 / minutes)
    rounding = 1.0 / (12.0 * (minutes * share * (1.0 - share)) ** 2)
    weight = 1.0 / (preset.emission.rival_sd_member**2 + rounding)
    return np.log(share / (1.0 - share)), np.where(enough, weight, 0.0)
