"""Areas and groups as they are when the world starts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator import draws as random
from simulator.draws import Draws, Flags, Floats, Ints
from simulator.preset import Preset, PresetError

TIERS = ("A", "B", "C")
GRADES = ("A1", "A2", "B1", "B2", "C")
OWNERSHIPS = ("gov", "institution", "SOE", "private", "foreign", "individual")
MOST_GROUPS = 1 << 13
"""Groups of a county that the keys of members can tell apart."""
PUBLIC_BODIES = ("gov", "party", "police", "military", "commerce_bureau", "tax")


@dataclass(frozen=True)
class Groups:
    """What does not change about the groups; every array has one element for each group.

    ``area`` counts from 0; ``park`` is the unit within which groups see each other move, a real
    park or, where ``in_park`` is false, the streets of the area. Unknown values are -1.
    """

    county: int
    index: Ints
    tier: Ints
    grade: Ints
    size: Ints
    area: Ints
    park: Ints
    in_park: Flags
    theta: Ints
    eps: Ints
    managed: Flags
    double_top100: Flags
    industry: list[str]
    ownership: Ints
    penetration: Floats
    headcount: Ints
    sign_age: Ints
    expiry_month: Ints
    expiry_day: Ints
    lock_level: Floats
    mou_factor: Floats
    has_vnet: Flags

    @property
    def count(self) -> int:
        """How many groups there are."""
        return len(self.index)

    def ids(self) -> list[str]:
        """The operator's keys: 14 digits."""
        return [f"891{self.county:03d}{g + 1:08d}" for g in self.index.tolist()]


def found(preset: Preset, draws: Draws, county: int) -> Groups:
    """Draw the groups of a county."""
    p = preset.population
    tier = np.repeat(np.arange(3), [_part(int(n), county, p.counties) for n in p.groups.each()])
    if len(tier) > MOST_GROUPS:
        raise PresetError(
            f"county {county} has {len(tier)} groups, at most {MOST_GROUPS} can be kept apart: "
            "raise population.counties"
        )
    index = np.arange(len(tier), dtype=np.int64)
    area = draws.whole("group.area", 0, p.areas - 1, index)
    in_park = ~draws.happens("group.street", p.no_park, index)
    inner = draws.whole("group.park", 0, p.parks_per_area - 1, index)
    park = np.where(in_park, area * p.parks_per_area + inner, p.areas * p.parks_per_area + area)
    size = _sizes(preset, draws, index, tier)
    managed = draws.happens("group.managed", p.managed.at(tier), index)
    ours = random.beta(draws.uniform("group.penetration", index), *p.penetration_beta)
    industry = _industries(preset, draws, index, tier)
    usage = preset.usage
    return Groups(
        county=county,
        index=index,
        tier=tier,
        grade=_grades(draws, index, tier),
        size=size,
        area=area,
        park=park,
        in_park=in_park,
        theta=_loyalty(preset, draws, index, park),
        eps=draws.choice("group.eps", p.eps_share, index) - 1,
        managed=managed,
        double_top100=draws.happens("group.double_top100", p.double_top100.at(tier), index),
        industry=industry,
        ownership=_ownership(preset, draws, index, industry),
        penetration=ours,
        headcount=_headcounts(preset, draws, index, tier, size / ours),
        sign_age=draws.whole("group.sign_age", 200, 2600, index),
        expiry_month=draws.whole("group.expiry_month", 1, 12, index),
        expiry_day=draws.whole("group.expiry_day", 1, 28, index),
        lock_level=_lock_levels(preset, draws, index, tier),
        mou_factor=np.exp(usage.group_sigma * draws.normal("group.mou", index)),
        has_vnet=draws.happens("group.vnet", usage.vnet_groups.at(tier), index),
    )


def _part(total: int, county: int, counties: int) -> int:
    """A county's part of a number of groups; the parts of all counties add up to it."""
    return (county + 1) * total // counties - county * total // counties


def _sizes(preset: Preset, draws: Draws, index: Ints, tier: Ints) -> Ints:
    p = preset.population
    logs = p.size_mu.at(tier) + p.size_sigma.at(tier) * draws.normal("group.size", index)
    return np.maximum(np.rint(np.exp(logs)), p.size_min).astype(np.int64)


def _grades(draws: Draws, index: Ints, tier: Ints) -> Ints:
    """Half of tier A is A1, half of tier B is B1."""
    lower = draws.happens("group.grade", 0.5, index)
    grade: Ints = np.where(tier == 2, 4, 2 * tier + lower)
    return grade


def _loyalty(preset: Preset, draws: Draws, index: Ints, park: Ints) -> Ints:
    """Loyalty -1, 0 or 1, alike within a park, so that neighbours resemble each other unmoved."""
    p = preset.population
    shared = draws.normal("park.theta", park)
    own = draws.normal("group.theta", index)
    z = np.sqrt(p.park_theta_corr) * shared + np.sqrt(1.0 - p.park_theta_corr) * own
    edges = random.normal_quantile(np.cumsum(p.theta_share)[:2] / sum(p.theta_share))
    return np.asarray(np.searchsorted(edges, z) - 1, dtype=np.int64)


def _industries(preset: Preset, draws: Draws, index: Ints, tier: Ints) -> list[str]:
    p = preset.population
    names_ab, weights_ab = random.weights(p.industry_ab)
    names_c, weights_c = random.weights(p.industry_c)
    large = draws.choice("group.industry", weights_ab, index).tolist()
    small = draws.choice("group.industry", weights_c, index).tolist()
    return [
        names_c[s] if t == 2 else names_ab[a]
        for t, a, s in zip(tier.tolist(), large, small, strict=True)
    ]


def _ownership(preset: Preset, draws: Draws, index: Ints, industry: list[str]) -> Ints:
    public = np.array([name in PUBLIC_BODIES for name in industry])
    body = draws.choice("group.owner.public", [0.7, 0.3], index)
    firm = draws.choice("group.owner.firm", [0.12, 0.62, 0.06, 0.20], index) + 2
    unknown = draws.happens("group.owner.unknown", preset.population.ownership_unknown, index)
    return np.where(unknown, -1, np.where(public, body, firm))


def _headcounts(preset: Preset, draws: Draws, index: Ints, tier: Ints, people: Floats) -> Ints:
    """Declared headcount of so many people: rounded and inexact."""
    p = preset.population
    error = 1.0 + p.headcount_error * (2.0 * draws.uniform("group.headcount", index) - 1.0)
    told = people * error
    step = np.where(told < 50, 5, 10)
    rounded = np.maximum(np.rint(told / step) * step, 5).astype(np.int64)
    unknown = draws.happens("group.headcount.unknown", p.headcount_unknown.at(tier), index)
    return np.where(unknown, -1, rounded)


def _lock_levels(preset: Preset, draws: Draws, index: Ints, tier: Ints) -> Floats:
    """Long-run share of each group's members under contract, without points agreements."""
    p = preset.lock
    chance = draws.uniform("group.lock", index)
    levels = np.empty(len(index))
    for t, name in enumerate(TIERS):
        mean = getattr(p.mean, name) - p.points_weight * getattr(p.points_share, name)
        strength = getattr(p.concentration, name)
        chosen = tier == t
        a, b = max(mean * strength, 0.5), max((1.0 - mean) * strength, 0.5)
        levels[chosen] = random.beta(chance[chosen], a, b)
    return np.clip(levels, 0.0, 0.9)
