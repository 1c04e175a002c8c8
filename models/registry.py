"""The MLflow door: log a model, name it, bring it back. Nothing executable is ever loaded."""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version as installed
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from models import bundle
from models.bundle import Model
from models.errors import RegistryError
from models.evaluation import Estimate

SWITCHED_OFF = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
    "MLFLOW_LOG_UV_FILES": "false",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}


@dataclass(frozen=True)
class Logged:
    """Where a model went: the run that made it and its version in the registry."""

    run_id: str
    version: int


@dataclass(frozen=True)
class Version:
    """A registered version, the aliases that point to it, and its run's tags."""

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
        one is left out. The version carries the run's tags.
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
            uri, model_id = self._log_model(model)
        client = self._client()
        if not client.search_registered_models(filter_string=f"name='{model.name}'"):
            client.create_registered_model(model.name)
        made = client.create_model_version(
            model.name, uri, run_id=run.info.run_id, model_id=model_id, tags=dict(tags)
        )
        return Logged(run.info.run_id, int(made.version))

    def set_alias(self, name: str, alias: str, version: int) -> None:
        """Let an alias such as champion point to a version, and to no other.

        Raises:
            RegistryError: There is no such version.
        """
        found = self._found(name, str(version))
        self._client().set_registered_model_alias(name, alias, str(found))

    def versions(self, name: str) -> tuple[Version, ...]:
        """All versions of a model, newest first; none if the name is unknown."""
        client = self._client()
        registered = client.search_registered_models(filter_string=f"name='{name}'")
        aliases = dict(registered[0].aliases) if registered else {}
        found = client.search_model_versions(f"name='{name}'")
        return tuple(
            _version(entry, aliases) for entry in sorted(found, key=lambda v: -int(v.version))
        )

    def load(self, name: str, alias_or_version: str | int) -> Model:
        """Bring a version's files to this machine and read them through the bundle's checks.

        Raises:
            RegistryError: There is no such model, alias or version, or its files are gone.
            ModelRefused: The files are not those that were logged.
        """
        version = self._found(name, str(alias_or_version))
        mlflow = self._mlflow()
        try:
            files = mlflow.artifacts.download_artifacts(f"models:/{name}/{version}")
        except (OSError, mlflow.MlflowException) as error:
            raise RegistryError(
                f"registry: the files of model {name} version {version} cannot be read ({error}); "
                "bring their folder back to where it was, or load another version"
            ) from error
        return bundle.load(Path(files) / "extra_files")

    def _log_model(self, model: Model) -> tuple[str, str]:
        import mlflow.lightgbm

        with TemporaryDirectory() as scratch:
            bundle.save(model, Path(scratch))
            info = mlflow.lightgbm.log_model(
                model.booster,
                name=model.name,
                pip_requirements=[f"lightgbm=={installed('lightgbm')}"],
                extra_files=[str(path) for path in sorted(Path(scratch).iterdir())],
            )
        return str(info.model_uri), str(info.model_id)

    def _found(self, name: str, alias_or_version: str) -> int:
        versions = self.versions(name)
        for version in versions:
            if alias_or_version in (str(version.version), *version.aliases):
                return version.version
        known = ", ".join(
            " ".join([str(version.version), *(f"({alias})" for alias in version.aliases)])
            for version in versions
        )
        raise RegistryError(
            f"registry: model {name} has no version or alias {alias_or_version!r}; "
            + (f"known are {known}" if known else "none is logged yet, train one first")
        )

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
