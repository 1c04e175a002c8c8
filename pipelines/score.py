"""Score: from what is known on a day to the risk and the reasons of every eligible group."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.orchestration import step
from pipelines.workplace import GROUP_MODEL, MEMBER_MODEL, TIERS, Workplace, open_workplace

if TYPE_CHECKING:
    import pandas as pd

    from models.registry import Version
    from pipelines.drafts import Maker


def score(as_of: date, home: Path = Path("var"), config: Path | None = None) -> dict[str, Any]:
    """Score and explain every eligible C group, and its members, as known on a day.

    The champion scores; where there is none, because too few transfers are known, the rules do.
    Nothing is published yet.

    Args:
        as_of: Day of knowledge: nothing that was loaded after it counts.

    Example:
        groupchurn score --as-of 2011-01-03
    """
    place = open_workplace(home, config)
    if not place.warehouse.capabilities["time"]:
        from pipelines.study import score_snapshot

        return step("out-of-fold scores", score_snapshot, place, as_of)
    from pipelines.drafts import Draft, write_draft

    features = step("group features", _eligible, place, as_of)
    maker, scores = step("scores and reasons", _group_scores, place, features)
    frames = {"features": features, "groups": scores}
    if (champion := _champion(place, MEMBER_MODEL)) is not None:
        frames["members"] = step("member scores", _member_scores, place, as_of, champion)
    write_draft(place, as_of, Draft(maker, frames))
    return {
        "as_of": as_of,
        "method": maker.method,
        "model": f"{maker.name} {maker.version}",
        "groups": len(scores),
        "members": len(frames["members"]) if "members" in frames else 0,
    }


def _eligible(place: Workplace, as_of: date) -> pd.DataFrame:
    """Features of the groups in the risk set."""
    from features import group_features
    from models.labels import still_to_lose
    from pipelines.facts import known_facts
    from pipelines.freshness import refuse_if_half_is_missing
    from serving.rules import excluded

    features = group_features(place.tables, [as_of], tiers=TIERS)
    refuse_if_half_is_missing(features, place.settings.intake.max_missing_share)
    out = excluded(known_facts(place, features, as_of))
    kept = still_to_lose(features["undiverted_members"], features["members"], place.group_label)
    return features[kept & ~features["group_id"].isin(out.keys())].reset_index(drop=True)


def _group_scores(place: Workplace, features: pd.DataFrame) -> tuple[Maker, pd.DataFrame]:
    from features.catalog import FEATURES
    from pipelines.drafts import Maker
    from serving.scoring import group_scores, rule_scores

    versions = place.versions
    made_of = {name: versions[name] for name in ("data_version", "config_hash")}
    champion = _champion(place, GROUP_MODEL)
    if champion is None:
        maker = Maker("rules", "rules", "1", None, place.group_label.version, **made_of)
        return maker, rule_scores(place.rules, features, FEATURES)
    model = place.registry.load(GROUP_MODEL, champion.version)
    maker = Maker(
        "model", GROUP_MODEL, str(champion.version), champion.run_id, model.label, **made_of
    )
    return maker, group_scores(model, features, FEATURES)


def _member_scores(place: Workplace, as_of: date, champion: Version) -> pd.DataFrame:
    from features import member_features
    from serving.scoring import member_scores

    features = member_features(place.tables, [as_of], tiers=TIERS)
    return member_scores(place.registry.load(MEMBER_MODEL, champion.version), features)


def _champion(place: Workplace, name: str) -> Version | None:
    if not place.home.mlflow.exists():
        return None
    versions = place.registry.versions(name)
    return next((version for version in versions if "champion" in version.aliases), None)
