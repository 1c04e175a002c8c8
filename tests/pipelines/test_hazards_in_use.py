"""Member models from training to a list: what they say is read, and kept with the model."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from conftest import SMALL_WORLD_DAY

from models.hazard_features import HAZARD_FEATURES
from models.severity import Severity
from pipelines.score import score
from pipelines.train import train
from pipelines.workplace import GROUP_MODEL, open_workplace

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def home(trained_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small world's home, trained anew with what member models say."""
    home = tmp_path_factory.mktemp("hazards") / "home"
    shutil.copytree(trained_home, home)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GROUPCHURN_GROUP_MODEL__MEMBER_HAZARDS", "true")
        made = train(SMALL_WORLD_DAY, home=home)
        open_workplace(home).registry.set_alias(GROUP_MODEL, "champion", made["model_version"])
        score(SMALL_WORLD_DAY, home=home)
    return home


def test_the_model_reads_what_member_models_say_and_names_their_versions(home: Path) -> None:
    model = open_workplace(home).registry.load(GROUP_MODEL, "champion")
    assert set(HAZARD_FEATURES) <= set(model.features)
    assert set(model.metadata["hazards"]) == {"churn", "divert", "diverted"}


def test_the_day_of_the_list_is_scored_with_them(home: Path) -> None:
    from pipelines.drafts import read_draft

    features = read_draft(open_workplace(home), SMALL_WORLD_DAY).frames["features"]
    told = features[list(HAZARD_FEATURES)]
    assert told.notna().all(axis=None)
    assert (told.std() > 0).all()


def test_the_severity_table_is_kept_with_the_model(home: Path) -> None:
    metadata = open_workplace(home).registry.load(GROUP_MODEL, "champion").metadata
    table = Severity.from_json(metadata["severity"])
    assert 0.3 < max(table.transferred) <= 1
    assert max(table.stayed) < min(table.transferred)
