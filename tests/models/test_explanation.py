import numpy as np
import pandas as pd
import pytest

from models.errors import ExplanationError
from models.explanation import additive


def test_contributions_add_up_to_the_margin(model, later_rows):
    reasons = model.contributions(later_rows.features)

    total = reasons.base + reasons.values.sum(axis=1)
    np.testing.assert_allclose(total, model.margin(later_rows.features), atol=1e-9)
    assert reasons.gap < 1e-9
    assert list(reasons.values.columns) == list(model.features)
    assert reasons.values.index.equals(later_rows.features.index)


def test_the_feature_that_drives_the_risk_contributes_most(model, later_rows):
    strength = model.contributions(later_rows.features).values.abs().mean()

    assert strength.idxmax() == "rival_share"


def test_nobody_to_explain_is_no_error(model, later_rows):
    reasons = model.contributions(later_rows.features.head(0))

    assert reasons.values.shape == (0, 3)
    assert reasons.gap == 0


def test_contributions_that_miss_the_score_are_refused():
    values = pd.DataFrame({"lock_in_days": [0.5, 0.5]}, index=["acme", "bolt"])
    base = pd.Series([-1.0, -1.0], index=values.index)

    with pytest.raises(ExplanationError, match=r"row 'bolt' miss its score by 0\.1"):
        additive(values, base, margin=np.array([-0.5, -0.4]))
