"""Score: from what is known on a day to the risk and the reasons of every eligible group."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.errors import UsageError
from pipelines.orchestration import step
from pipelines.workplace import GROUP_MODEL, MEMBER_MODEL, TIERS, Workplace, open_workplace

NOT_AT_RISK = "Fewer members than the label needs are still to be lost."

if TYPE_CHECKING:
    import pandas as pd

    from models.bundle import Model
    from models.registry import Version
    from pipelines.drafts import Maker


def score(
    as_of: date,
    home: Path = Path("var"),
    config: Path | None = None,
    model_version: int | None = None,
) -> dict[str, Any]:
    """Score and explain every eligible C group, and its members, as known on a day.

    The champion scores; where there is none, because too few transfers are known, the rules do.
    Nothing is published yet.

    Args:
        as_of: Day of knowledge: nothing that was loaded after it counts.
        model_version: Version of the group model, for an old list; left out, the champion.

    Example:
        groupchurn score --as-of 2011-01-03
    """
    from pipelines.cases import hand_over

    place = open_workplace(home, config)
    if step("casebook", hand_over, place):
        place = open_workplace(home, config)
    if not place.warehouse.capabilities["time"]:
        from pipelines.study import score_snapshot

        return step("out-of-fold scores", score_snapshot, place, as_of)
    from pipelines.drafts import Draft, write_draft

    group_model = model_of(place, GROUP_MODEL, as_of, model_version)
    member_model = model_of(place, MEMBER_MODEL, as_of)
    features, not_scored = step("group features", eligible, place, as_of)
    maker, frames = step("scores and reasons", _group_scores, place, as_of, features, group_model)
    if member_model is not None:
        frames["members"] = step("member scores", _member_scores, place, as_of, member_model)
    write_draft(place, as_of, Draft(maker, frames, not_scored))
    return {
        "as_of": as_of,
        "method": maker.method,
        "model": f"{maker.name} {maker.version}",
        "groups": len(frames["groups"]),
        "members": len(frames["members"]) if "members" in frames else 0,
    }


def eligible(place: Workplace, as_of: date) -> tuple[pd.DataFrame, dict[str, str]]:
    """Features of the groups in the risk set, and of all others why they are not scored."""
    from features import group_features
    from models.labels import still_to_lose
    from pipelines.facts import known_facts
    from pipelines.freshness import refuse_if_half_is_missing
    from serving.rules import excluded

    features = group_features(place.tables, [as_of], tiers=TIERS)
    at_risk = still_to_lose(features["undiverted_members"], features["members"], place.group_label)
    too_few = dict.fromkeys(features.loc[~at_risk, "group_id"], NOT_AT_RISK)
    out = {**too_few, **excluded(known_facts(place, features, as_of))}
    kept = features[~features["group_id"].isin(out.keys())].reset_index(drop=True)
    refuse_if_half_is_missing(kept, place.settings.intake.max_missing_share)
    return kept, dict(sorted(out.items()))


def _group_scores(
    place: Workplace, as_of: date, features: pd.DataFrame, version: Version | None
) -> tuple[Maker, dict[str, pd.DataFrame]]:
    """Who made the scores; the features that were read, the scores, and what made them."""
    from features.catalog import FEATURES
    from models.hazard_features import READABLE
    from pipelines.drafts import Maker
    from serving.scoring import group_scores, rule_scores, shap_rows

    versions = place.versions(as_of)
    made_of = {name: versions[name] for name in ("data_version", "config_hash")}
    if version is None:
        maker = Maker("rules", "rules", "1", None, place.group_label.version, **made_of)
        return maker, {
            "features": features,
            "groups": rule_scores(place.rules, features, FEATURES),
        }
    model = place.registry.load(GROUP_MODEL, version.version)
    maker = Maker(
        "model", GROUP_MODEL, str(version.version), version.run_id, model.label, **made_of
    )
    read = as_read_by(place, model, features)
    return maker, {
        "features": read,
        "groups": group_scores(model, read, READABLE, place.reason_rule),
        "shap": shap_rows(read, model.contributions(read)),
    }


def as_read_by(place: Workplace, model: Model, features: pd.DataFrame) -> pd.DataFrame:
    """Features of groups with what the member models that the group's model learnt with say.

    Args:
        model: A model of group transfer, or of members, which reads none of it.
        features: One row a day and group, with ``as_of`` and ``group_id``; what other member models
            said of them is left out.
    """
    from models.hazard_features import HAZARD_FEATURES

    bare = features.drop(columns=list(HAZARD_FEATURES), errors="ignore")
    versions = model.metadata.get("hazards", {})
    if not versions or bare.empty:
        return bare
    import pandas as pd

    from pipelines.hazards import KEY, hazards_on

    models = {
        hazard: place.registry.load(f"hazard_{hazard}", version)
        for hazard, version in versions.items()
    }
    told = [hazards_on(place, models, day) for day in sorted(bare["as_of"].unique())]
    return bare.merge(pd.concat(told), how="left", on=KEY, validate="1:1")


def _member_scores(place: Workplace, as_of: date, version: Version) -> pd.DataFrame:
    from features import member_features
    from serving.scoring import member_scores

    features = member_features(place.tables, [as_of], tiers=TIERS)
    return member_scores(place.registry.load(MEMBER_MODEL, version.version), features)


def model_of(place: Workplace, name: str, as_of: date, wanted: int | None = None) -> Version | None:
    """The wanted version, else the champion; None where there is no model yet.

    Raises:
        UsageError: There is no such version, or it knows more than was known on the day.
    """
    versions = place.registry.versions(name) if place.home.mlflow.exists() else ()
    found = [v for v in versions if v.version == wanted or (not wanted and "champion" in v.aliases)]
    if not found:
        if wanted:
            raise UsageError(f"{name} has no version {wanted}: see `groupchurn models list`.")
        return None
    made_on = found[0].tags["as_of"]
    if made_on > as_of.isoformat():
        raise UsageError(
            f"{name} {found[0].version} was made on {made_on} and has learnt from what came after "
            f"{as_of}: train for that day, or give an older --model-version."
        )
    return found[0]
