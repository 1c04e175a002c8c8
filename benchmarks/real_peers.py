"""Contenders for ``real_data``: each fits on some rows and says how likely others are to leave.

Everybody gets the same numbers with the same gaps and keeps the defaults of its library; only the
seed and one thread are set. What is not installed (see requirements-peers.lock) is left out.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
import pandas as pd

Contender = Callable[[pd.DataFrame, np.ndarray, pd.DataFrame], np.ndarray]
"""Features and label to fit on, features to score → probability of each."""

SEED = 20090101


def lightgbm(features: pd.DataFrame, label: np.ndarray, unseen: pd.DataFrame) -> np.ndarray:
    from lightgbm import LGBMClassifier

    model = LGBMClassifier(random_state=SEED, n_jobs=1, verbosity=-1)
    return model.fit(features, label).predict_proba(unseen)[:, 1]


def xgboost(features: pd.DataFrame, label: np.ndarray, unseen: pd.DataFrame) -> np.ndarray:
    from xgboost import XGBClassifier

    model = XGBClassifier(random_state=SEED, n_jobs=1)
    return model.fit(features, label).predict_proba(unseen)[:, 1]


def catboost(features: pd.DataFrame, label: np.ndarray, unseen: pd.DataFrame) -> np.ndarray:
    from catboost import CatBoostClassifier

    model = CatBoostClassifier(
        random_seed=SEED, thread_count=1, verbose=0, allow_writing_files=False
    )
    return model.fit(features, label).predict_proba(unseen)[:, 1]


def gradient_boosting(
    features: pd.DataFrame, label: np.ndarray, unseen: pd.DataFrame
) -> np.ndarray:
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(random_state=SEED)
    return model.fit(features, label).predict_proba(unseen)[:, 1]


def logistic_regression(
    features: pd.DataFrame, label: np.ndarray, unseen: pd.DataFrame
) -> np.ndarray:
    """It cannot read gaps, and needs columns of one size: median, a flag, standard deviations."""
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    filled = SimpleImputer(strategy="median", add_indicator=True)
    model = make_pipeline(filled, StandardScaler(), LogisticRegression(max_iter=1000))
    return model.fit(features, label).predict_proba(unseen)[:, 1]


def flaml(seconds: float) -> Contender:
    """Searches for that long among all its learners; what it finds depends on the machine."""

    def search(features: pd.DataFrame, label: np.ndarray, unseen: pd.DataFrame) -> np.ndarray:
        from flaml import AutoML

        model = AutoML()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(
                features,
                label,
                task="classification",
                time_budget=seconds,
                seed=SEED,
                n_jobs=1,
                verbose=0,
                log_file_name="",
            )
            return np.asarray(model.predict_proba(unseen))[:, 1]

    return search


def peers(flaml_seconds: float) -> tuple[dict[str, Contender], list[str]]:
    """Those that are installed, by name, and the names of those that are not."""
    every: dict[str, tuple[str, Contender]] = {
        "LightGBM, defaults": ("lightgbm", lightgbm),
        "XGBoost": ("xgboost", xgboost),
        "CatBoost": ("catboost", catboost),
        "scikit-learn's gradient boosting": ("sklearn", gradient_boosting),
        "logistic regression": ("sklearn", logistic_regression),
        f"FLAML, {flaml_seconds:g} s a fold": ("flaml", flaml(flaml_seconds)),
    }
    there = {name: peer for name, (package, peer) in every.items() if find_spec(package)}
    return there, [name for name in every if name not in there]
