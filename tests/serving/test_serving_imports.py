import subprocess
import sys

import pytest

HEAVY = ("lightgbm", "great_expectations", "mlflow", "shap", "sklearn", "prefect", "fastapi")


@pytest.mark.parametrize("module", ["serving.risk_list", "serving.scoring", "serving.store"])
def test_reading_and_listing_load_nothing_heavy(module):
    code = f"import {module}, sys; print(*(n for n in {HEAVY!r} if n in sys.modules))"

    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )

    assert loaded.stdout.split() == []
