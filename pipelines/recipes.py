"""What the models are made of: settings, directions from the catalogue, and the prior."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from models.bundle import Model
from models.feature_version import feature_version
from models.fitting import Recipe
from models.hazard_features import READABLE
from pipelines import console
from pipelines.training_table import TrainingTable
from pipelines.workplace import GROUP_MODEL, MEMBER_MODEL, PRIOR_MODEL, Workplace


def recipe_of(place: Workplace, table: TrainingTable) -> Recipe:
    """The recipe of the group's model, or of the members' where the table is theirs.

    Members are many and their model is one forest; the groups' are several, on the pre-trained
    model where there is one that reads no more than the table has.
    """
    monotone = directions(table.features)
    if table.entity != "group_id":
        return Recipe(
            name=MEMBER_MODEL,
            label=place.member_label.version,
            training=replace(place.training, bags=1),
            isotonic_from=place.settings.calibration.isotonic_from,
            monotone=monotone,
        )
    return Recipe(
        name=GROUP_MODEL,
        label=place.group_label.version,
        training=place.training,
        isotonic_from=place.settings.calibration.isotonic_from,
        monotone=monotone,
        prior=_prior(place, table.features),
        prior_positives=place.settings.calibration.prior_positives,
    )


def directions(names: Collection[str]) -> dict[str, int]:
    """Feature name → 1 (more is riskier) or -1 (more is safer), where the catalogue is sure."""
    known = {name: READABLE[name].direction for name in names if name in READABLE}
    return {name: direction for name, direction in known.items() if direction}


def _prior(place: Workplace, available: Collection[str]) -> Model | None:
    if not place.settings.group_model.use_prior or not place.home.mlflow.exists():
        return None
    if not place.registry.versions(PRIOR_MODEL):
        return None
    prior = place.registry.load(PRIOR_MODEL, "champion")
    if lacking := sorted(set(prior.features) - set(available)):
        console.say(
            f"The pre-trained model is not used: it reads {len(lacking)} features that are not "
            f"there, such as {lacking[0]}; run `groupchurn pretrain` for this day."
        )
        return None
    if prior.metadata["feature_version"] != feature_version(prior.features, READABLE):
        console.say(
            "The pre-trained model is not used: features that it reads mean something else by now; "
            "run `groupchurn pretrain` again."
        )
        return None
    return prior
