from __future__ import annotations

from datetime import date

import pytest
from planted_versions import JUDGED, STRONG, fitted, world

from features.catalog import FEATURES
from models.bootstrap import Estimate
from models.feature_version import feature_version
from pipelines.cards import versions_of, write_cards_of
from pipelines.judged_rows import LEARNT_UNTIL
from pipelines.training_table import TrainingTable
from pipelines.workplace import open_workplace

DAYS = {"fit": [date(2009, 3, 3), date(2009, 1, 3)], "calibration": [date(2009, 7, 3)]}


def test_a_model_is_made_from_versions_of_data_label_features_settings_and_code(tmp_path):
    place = open_workplace(tmp_path)
    table = TrainingTable(world(1, JUDGED, seed=1), "group_id")

    found = versions_of(place, table, date(2010, 1, 3), DAYS, STRONG)

    assert found["as_of"] == "2010-01-03"
    assert found["label_version"] == place.group_label.version
    assert found["feature_version"] == feature_version(STRONG, FEATURES)
    assert (found["fit_from"], found["fit_to"]) == ("2009-01-03", "2009-03-03")
    assert found[LEARNT_UNTIL] == "2009-07-03"
    assert {"data_version", "config_hash", "code_version"} <= set(found)


@pytest.mark.parametrize(("of_groups", "said"), [(True, "traffic"), (False, "falls silent")])
def test_cards_are_written_for_both_kinds_of_models(tmp_path, of_groups, said):
    place = open_workplace(tmp_path)
    days = {**DAYS, "test": [date(2010, 1, 3)]}
    figures = {"auc": Estimate(0.7, 0.6, 0.8)}
    model = fitted(STRONG, "a label")

    files = write_cards_of(place, model, days, figures, tmp_path, of_groups=of_groups)

    assert [file.name for file in files] == ["model_card.md", "model_card.zh-CN.md"]
    page = files[0].read_text(encoding="utf-8")
    assert said in page
    assert "0.700 [0.600, 0.800]" in page
    assert str(tmp_path) not in page
