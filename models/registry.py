"""The MLflow door: log a model, name it, bring it back. Nothing executable is ever loaded.

MLflow keeps beside each model what it would need to load it itself, and whoever can write into the
artifact folder can put a pickle or a script there. None of it is looked at: of a version's folder
only the two sealed files of ``models.bundle`` are read, as text. The version's entry in the
database holds the checksum of the seal, so that another model, however well sealed, cannot take its
place; only who can write to the database as well could change both.
"""

from __future__ import annotations

import hashlib
import logging
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version as installed
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlparse
from urllib.request import url2pathname

from models import bundle
from models.bundle import Model
from models.errors import ModelRefused, RegistryError
from models.evaluation import Estimate

SWITCHED_OFF = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
    "MLFLOW_LOG_UV_FILES": "false",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}
CHAMPION = "champion"
CHALLENGER = "challenger"
SEALED_AS = "sidecar_sha256"
"""Tag of a version: the checksum of its sidecar, which seals the trees."""
_FORMER = "former_champions"
_FILES = "extra_files"


@dataclass(frozen=True)
class Logged:
    """Where a model went: the run that made it and its version in the registry."""

    run_id: str
    version: int


@dataclass(frozen=True)
class Version:
    """A registered version, the aliases that point to it, and its tags."""

    name: str
    version: int
    run_id: str
    aliases: tuple[str, ...]
    tags: Mapping[str, str]


class Registry:
    """Runs and registered models in one database, their files under one folder.

    Args:
        tracking_uri: Database URL, such as ``sqlite:///var/mlflow.db``.
        artifact_root: Folder for the files of runs and models.
    """

    def __init__(self, tracking_uri: str, artifact_root: Path) -> None:
        self.tracking_uri = tracking_uri
        self.artifact_root = artifact_root.absolute()

    def log(
        self,
        model: Model,
        *,
        experiment: str,
        params: Mapping[str, object],
        metrics: Mapping[str, Estimate],
        tags: Mapping[str, str],
        files: Sequence[Path] = (),
    ) -> Logged:
        """Log a run with its figures and files, and register its model as a new version.

        A figure becomes three metrics, ``auc``, ``auc_low`` and ``auc_high``; an undefined
        one is left out. The version carries the run's tags and the checksum of its sidecar.
        """
        mlflow = self._mlflow()
        with mlflow.start_run(
            experiment_id=self._experiment(experiment),
            run_name=model.name,
            tags={"mlflow.source.name": "groupchurn", "mlflow.user": "groupchurn", **tags},
        ) as run:
            mlflow.log_params(dict(params))
            mlflow.log_metrics(_flat(metrics))
            for file in files:
                mlflow.log_artifact(str(file))
            uri, model_id, seal = self._log_model(model)
        client = self._client()
        if not client.search_registered_models(filter_string=f"name='{model.name}'"):
            client.create_registered_model(model.name)
        made = client.create_model_version(
            model.name,
            uri,
            run_id=run.info.run_id,
            model_id=model_id,
            tags={**tags, SEALED_AS: seal},
        )
        return Logged(run.info.run_id, int(made.version))

    def set_alias(self, name: str, alias: str, version: int) -> None:
        """Let an alias point to a version, and to no other; a former champion is remembered.

        Raises:
            RegistryError: There is no such version.
        """
        found = self._found(name, str(version)).version
        if alias == CHAMPION and (current := self.champion(name)) not in (None, found):
            self._remember(name, [*self.former_champions(name), current or 0])
        self._client().set_registered_model_alias(name, alias, str(found))

    def champion(self, name: str) -> int | None:
        """The version that scores; None where there is none yet."""
        scoring = (entry.version for entry in self.versions(name) if CHAMPION in entry.aliases)
        return next(scoring, None)

    def former_champions(self, name: str) -> list[int]:
        """The versions to which one rollback after the other leads, the newest last."""
        registered = self._client().search_registered_models(filter_string=f"name='{name}'")
        kept = dict(registered[0].tags).get(_FORMER, "") if registered else ""
        return [int(version) for version in kept.split(",") if version]

    def rollback(self, name: str) -> tuple[int, int]:
        """Let the former champion score again; done twice, the one before it.

        The former champion is loaded first, so that the alias never points to a damaged model.

        Returns:
            The version that scored until now, and the one that scores from now on.

        Raises:
            RegistryError: Nothing scores yet, or nothing has scored before it.
            ModelRefused: The files of the former champion are damaged; nothing has changed.
        """
        current, former = self.champion(name), self.former_champions(name)
        while former and former[-1] == current:  # left over where the last rollback was cut off
            former.pop()
        if current is None or not former:
            raise RegistryError(
                f"registry: no other version of {name} was champion before "
                f"{current or 'any'}; promote the version that should score"
            )
        self.load(name, former[-1])
        self._client().set_registered_model_alias(name, CHAMPION, str(former[-1]))
        self._remember(name, former[:-1])
        return current, former[-1]

    def tag(self, name: str, version: int, tags: Mapping[str, str]) -> None:
        """Write tags on a version, such as why it was promoted.

        Raises:
            RegistryError: There is no such version.
        """
        found = self._found(name, str(version))
        for key, value in tags.items():
            self._client().set_model_version_tag(name, str(found.version), key, value)

    def versions(self, name: str) -> tuple[Version, ...]:
        """All versions of a model, newest first; none if the name is unknown."""
        client = self._client()
        registered = client.search_registered_models(filter_string=f"name='{name}'")
        aliases = dict(registered[0].aliases) if registered else {}
        found = client.search_model_versions(f"name='{name}'")
        return tuple(
            _version(entry, aliases) for entry in sorted(found, key=lambda v: -int(v.version))
        )

    def names(self) -> list[str]:
        """Names of all registered models."""
        return sorted(str(one.name) for one in self._client().search_registered_models())

    def figures(self, run_id: str) -> dict[str, float]:
        """The metrics that were logged with a run, flat as ``log`` wrote them."""
        return {k: float(v) for k, v in self._client().get_run(run_id).data.metrics.items()}

    def load(self, name: str, alias_or_version: str | int) -> Model:
        """Read a version's two sealed files through the bundle's checks, and nothing else.

        Raises:
            RegistryError: There is no such model, alias or version, or its files are gone.
            ModelRefused: The files are not those that were logged.
        """
        version = self._found(name, str(alias_or_version))
        folder = self._folder(version)
        expected, found = version.tags.get(SEALED_AS), _sha256(folder / bundle.SIDECAR)
        if expected and found and found != expected:
            raise ModelRefused(
                f"model refused: {folder / bundle.SIDECAR}: its checksum is not the "
                f"{expected[:12]}… that was logged with {name} version {version.version}; restore "
                "the folder, or roll back to another version"
            )
        return bundle.load(folder)

    def _log_model(self, model: Model) -> tuple[str, str, str]:
        import mlflow.lightgbm

        with TemporaryDirectory() as scratch:
            bundle.save(model, Path(scratch))
            info = mlflow.lightgbm.log_model(
                model.booster,
                name=model.name,
                pip_requirements=[f"lightgbm=={installed('lightgbm')}"],
                extra_files=[str(path) for path in sorted(Path(scratch).iterdir())],
            )
            seal = _sha256(Path(scratch) / bundle.SIDECAR) or ""
        return str(info.model_uri), str(info.model_id), seal

    def _folder(self, version: Version) -> Path:
        """The folder of a version's sealed files; MLflow's own loaders would look at others too."""
        uri = self._client().get_model_version_download_uri(version.name, str(version.version))
        parsed = urlparse(uri)
        folder = Path(url2pathname(parsed.path)) / _FILES
        if parsed.scheme not in ("", "file") or not folder.is_dir():
            raise RegistryError(
                f"registry: the files of model {version.name} version {version.version} cannot be "
                f"read at {uri}; bring their folder back to where it was, or load another version"
            )
        return folder

    def _found(self, name: str, alias_or_version: str) -> Version:
        versions = self.versions(name)
        for version in versions:
            if alias_or_version in (str(version.version), *version.aliases):
                return version
        known = ", ".join(
            " ".join([str(version.version), *(f"({alias})" for alias in version.aliases)])
            for version in versions
        )
        raise RegistryError(
            f"registry: model {name} has no version or alias {alias_or_version!r}; "
            + (f"known are {known}" if known else "none is logged yet, train one first")
        )

    def _remember(self, name: str, former: Sequence[int]) -> None:
        text = ",".join(map(str, former))
        self._client().set_registered_model_tag(name, _FORMER, text)

    def _experiment(self, name: str) -> str:
        client = self._client()
        if experiment := client.get_experiment_by_name(name):
            return str(experiment.experiment_id)
        self.artifact_root.mkdir(parents=True, exist_ok=True)
        return str(client.create_experiment(name, artifact_location=self.artifact_root.as_uri()))

    def _client(self) -> Any:
        return self._mlflow().MlflowClient()

    def _mlflow(self) -> Any:
        os.environ.update(SWITCHED_OFF)
        import mlflow

        for chatty in ("mlflow", "alembic"):
            logging.getLogger(chatty).setLevel(logging.WARNING)
        mlflow.set_tracking_uri(self.tracking_uri)
        mlflow.set_registry_uri(self.tracking_uri)
        return mlflow


def _sha256(file: Path) -> str | None:
    """Checksum of a file; None where it cannot be read, which the bundle says better."""
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return None


def _flat(metrics: Mapping[str, Estimate]) -> dict[str, float]:
    figures = {
        f"{name}{suffix}": figure
        for name, estimate in metrics.items()
        for suffix, figure in (
            ("", estimate.value),
            ("_low", estimate.low),
            ("_high", estimate.high),
        )
    }
    return {name: float(figure) for name, figure in figures.items() if math.isfinite(figure)}


def _version(entry: Any, aliases: Mapping[str, str]) -> Version:
    number = int(entry.version)
    pointing = sorted(alias for alias, version in aliases.items() if int(version) == number)
    return Version(entry.name, number, str(entry.run_id), tuple(pointing), dict(entry.tags))
