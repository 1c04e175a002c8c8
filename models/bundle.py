"""A model as a folder of text: trees, a JSON sidecar, and proof that it is what was saved."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from models.calibration import Calibration
from models.ensemble import member_margins
from models.errors import ModelRefused
from models.explanation import Contributions, contributions, raw_margin
from models.frames import Floats, feature_frame

if TYPE_CHECKING:
    import lightgbm as lgb

TREES = "model.txt"
SIDECAR = "model.json"
FORMAT = 2
GOLDEN_TOLERANCE = 1e-12


@dataclass(frozen=True)
class Model:
    """A booster with all that is needed to score, and to know what the score is.

    Attributes:
        name: Registered name, such as group_transfer.
        label: What it predicts, such as L_transfer_90.
        booster: The trees.
        features: Feature names in the order of the trees.
        calibration: From raw margin to probability.
        golden: Made-up feature rows whose scores are saved with the model.
        metadata: Whatever is worth keeping: days, row counts, versions; must be JSON.
        method: The kind of model, shown beside its scores.
        bags: Equal forests that the last trees are made of, see ``models.forests``.
        shared_trees: Trees before them, of a prior.
    """

    name: str
    label: str
    booster: lgb.Booster
    features: tuple[str, ...]
    calibration: Calibration
    golden: pd.DataFrame
    metadata: Mapping[str, Any] = field(default_factory=dict)
    method: str = "lightgbm"
    bags: int = 1
    shared_trees: int = 0

    def margin(self, frame: pd.DataFrame) -> Floats:
        """Raw log-odds score of each row; columns by name, extra ones ignored.

        Raises:
            FeatureError: A feature is missing or is no number.
        """
        return raw_margin(self.booster, feature_frame(frame, self.features))

    def probability(self, frame: pd.DataFrame) -> Floats:
        """Calibrated risk of each row, strictly between 0 and 1.

        Raises:
            FeatureError: A feature is missing or is no number.
        """
        return self.calibration.probability(self.margin(frame))

    def interval(self, frame: pd.DataFrame, share: float = 0.8) -> tuple[Floats, Floats]:
        """Between which probabilities the risk of each row lies, by how far the forests agree.

        Groups drawn anew move a model less than other years and other laws would, so that the reach
        is widened by ``metadata["interval_widening"]``, where that was measured.

        Args:
            frame: As for ``probability``, which lies between the two.
            share: Chance that the interval is meant to have.

        Returns:
            The lower and the upper bound; NaN for a model of a single forest, which cannot tell.
            What a prior does not know, and what no group drawn anew would change, is not in it.
        """
        from statistics import NormalDist

        margins = self.bag_margins(frame)
        if self.bags == 1:
            unknown = np.full(len(frame), np.nan)
            return unknown, unknown.copy()
        middle = margins.mean(axis=1)
        wider = float(self.metadata.get("interval_widening", 1.0))
        reach = wider * NormalDist().inv_cdf((1 + share) / 2) * margins.std(axis=1, ddof=1)
        low, high = middle - reach, middle + reach
        return self.calibration.probability(low), self.calibration.probability(high)

    def bag_margins(self, frame: pd.DataFrame) -> Floats:
        """The raw score that each forest gives each row: rows × ``bags``."""
        return member_margins(
            self.booster,
            feature_frame(frame, self.features),
            members=self.bags,
            first_tree=self.shared_trees,
        )

    def contributions(self, frame: pd.DataFrame) -> Contributions:
        """What each feature added to each row's margin.

        Raises:
            FeatureError: A feature is missing or is no number.
            ExplanationError: The contributions do not add up.
        """
        return contributions(self.booster, feature_frame(frame, self.features))


def save(model: Model, folder: Path) -> None:
    """Write ``model.txt`` and ``model.json``; the sidecar comes last and seals both."""
    folder.mkdir(parents=True, exist_ok=True)
    trees = model.booster.model_to_string().encode()
    (folder / TREES).write_bytes(trees)
    content = {
        "format": FORMAT,
        "name": model.name,
        "label": model.label,
        "method": model.method,
        "bags": model.bags,
        "shared_trees": model.shared_trees,
        "features": list(model.features),
        "calibration": model.calibration.to_json(),
        "metadata": dict(model.metadata),
        "sha256": _sha256(trees),
        "golden": _golden(model),
    }
    # Through JSON once, so that the seal is taken of what will be read back.
    content = json.loads(json.dumps(content, allow_nan=False))
    sealed = {**content, "seal": _seal(content)}
    (folder / SIDECAR).write_bytes(_written(sealed))


def load(folder: Path) -> Model:
    """Read a model back, and refuse anything but the model that was saved.

    The text is compared with its checksum before LightGBM sees it, because damaged text can
    end the process or hang it; then the golden rows must score as they did. That protects from
    damage and from edits by hand, not from whoever writes trees, sidecar and seal anew: that is
    another model, sealed as well as any. The registry tells it by the checksum of the sidecar that
    its database keeps.

    Raises:
        ModelRefused: A file is missing, damaged, of another format, or scores otherwise.
    """
    content = _sidecar(folder / SIDECAR)
    model = _rebuilt(content, _trees(folder / TREES, content["sha256"]))
    expected = content["golden"]
    for what, scores in (
        ("margin", model.margin(model.golden)),
        ("probability", model.probability(model.golden)),
    ):
        apart = np.abs(scores - np.array(expected[what])).max(initial=0.0)
        if not apart <= GOLDEN_TOLERANCE:
            raise _refused(
                folder / TREES,
                f"its golden rows score otherwise here ({what} off by {apart:.2g})",
                "use the library versions it was trained with, or train again",
            )
    return model


def _golden(model: Model) -> dict[str, Any]:
    rows = model.golden.to_numpy(dtype=np.float64).tolist()
    return {
        "rows": [[None if np.isnan(value) else value for value in row] for row in rows],
        "margin": model.margin(model.golden).tolist(),
        "probability": model.probability(model.golden).tolist(),
    }


def _rebuilt(content: Mapping[str, Any], trees: str) -> Model:
    import lightgbm as lgb

    names = tuple(content["features"])
    return Model(
        name=content["name"],
        label=content["label"],
        booster=lgb.Booster(model_str=trees),
        features=names,
        calibration=Calibration.from_json(content["calibration"]),
        golden=pd.DataFrame(content["golden"]["rows"], columns=list(names), dtype="float64"),
        metadata=content["metadata"],
        method=content["method"],
        bags=content["bags"],
        shared_trees=content["shared_trees"],
    )


def _sidecar(path: Path) -> dict[str, Any]:
    found = _read(path)
    try:
        content = json.loads(found)
        as_saved = _written(content)
    except (ValueError, RecursionError) as error:  # nested too deep is no ValueError
        raise _refused(path, f"it is no JSON ({error})") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise _refused(path, f"it is not of format {FORMAT}", "train again with this version")
    if content.pop("seal", None) != _seal(content) or found != as_saved:
        raise _refused(path, "its content is not what was saved")
    return content


def _written(sealed: object) -> bytes:
    """The bytes of a sidecar: one content, one spelling, so that not a blank can be added."""
    text = json.dumps(sealed, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode()


def _trees(path: Path, sha256: str) -> str:
    trees = _read(path)
    if _sha256(trees) != sha256:
        raise _refused(path, f"its checksum is not the {sha256[:12]}… that {SIDECAR} names")
    return trees.decode()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _refused(path, f"it cannot be read ({error.strerror})") from error


def _refused(
    path: Path, why: str, remedy: str = "restore the folder, or roll back to another version"
) -> ModelRefused:
    return ModelRefused(f"model refused: {path}: {why}; {remedy}")


def _seal(content: Mapping[str, Any]) -> str:
    return _sha256(json.dumps(content, sort_keys=True).encode())


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
