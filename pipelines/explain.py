"""Explain: why one group is at risk, in words, with numbers, and what would lower it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pipelines.errors import UsageError
from pipelines.workplace import GROUP_MODEL, TIERS, Workplace, open_workplace
from serving.errors import NoBatch
from serving.why.explain import Beside, explain_group, peers_average, row_of
from serving.why.listed import explain_listed, listed_lines

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    import pyarrow as pa

    from features.definition import Text
    from features.tables import Tables
    from models.bundle import Model
    from serving.store import PublishedBatch


def explain(
    group_id: str,
    /,
    as_of: date | None = None,
    language: Literal["zh", "en"] = "zh",
    picture: Path | None = None,
    what_if: bool = False,
    home: Path = Path("var"),
    config: Path | None = None,
) -> str:
    """Say why a group is at risk, as published for a day, and on request what would lower it.

    Args:
        group_id: The group's id.
        as_of: Day of a published list; left out, the newest.
        language: Language of the answer.
        picture: File for a waterfall of the score, .png or .svg.
        what_if: What the model would say if contracts were renewed, the group visited and so on.

    Example:
        groupchurn explain 89100000000123 --as-of 2011-01-03 --language en --what-if
    """
    place = open_workplace(home, config)
    batch = place.store.current(as_of)
    scores, listed = batch.frame("group_score"), _listed(batch, group_id)
    if listed is not None and group_id not in set(scores["group_id"]):
        return explain_listed(listed, language)
    row = row_of(group_id, scores)
    average, who = _peers(place, group_id, scores, batch.as_of)
    outcomes, notes = _what_if(place, row, batch.as_of) if what_if else ((), ())
    if picture is not None:
        notes = (*notes, *_drawn(row, language, picture))
    beside = Beside(
        average,
        who,
        changed=_changed(place, batch, row),
        what_if=outcomes,
        listed=() if listed is None else listed_lines(listed),
        notes=notes,
    )
    return explain_group(group_id, scores, language=language, beside=beside)


def _listed(batch: PublishedBatch, group_id: str) -> pd.Series[Any] | None:
    """The group's row of the list; None where it is not on it."""
    if "risk_list" not in batch.tables:
        return None
    rows = batch.frame("risk_list")
    mine = rows[rows["group_id"] == group_id]
    return mine.iloc[0] if len(mine) else None


def _changed(place: Workplace, batch: PublishedBatch, row: pd.Series[Any]) -> Text | None:
    """What changed since the last list; None for the first."""
    from features.definition import Text
    from models.hazard_features import READABLE
    from serving.why.changes import Added, changed

    last = place.store.before(batch.as_of)
    if last is None:
        return None
    before, now = last.frame("group_score"), row.to_frame().T
    mine = before[before["group_id"] == row["group_id"]]
    exact = "group_shap" in batch.tables and "group_shap" in last.tables
    added = Added(_shap(batch, row), _shap(last, row)) if exact else None
    said = changed(now, mine, READABLE, added).iloc[0]
    return Text(said["changed_zh"], said["changed_en"])


def _shap(batch: PublishedBatch, row: pd.Series[Any]) -> pd.DataFrame:
    rows = batch.frame("group_shap")
    mine: pd.DataFrame = rows[rows["group_id"] == row["group_id"]]
    return mine


def _peers(
    place: Workplace, group_id: str, scores: pd.DataFrame, as_of: date
) -> tuple[float | None, Text | None]:
    """Average risk of the peers, and who they are; of the tier where the tables are not here."""
    from features.definition import Text
    from pipelines.facts import known_facts
    from serving.why.peers import peers_risk

    try:
        facts = known_facts(place, scores[["group_id"]], as_of)
    except (UsageError, NoBatch):
        return peers_average(group_id, scores), None
    found = peers_risk(scores, facts, place.reason_rule, only=group_id)
    if found.empty:
        return peers_average(group_id, scores), None
    peers = found.iloc[0]
    return float(peers["peers_probability"]), Text(
        f"{peers['peers_zh']}{peers['peers']}家", f"{peers['peers']} {peers['peers_en']}"
    )


def _drawn(row: pd.Series[Any], language: Literal["zh", "en"], picture: Path) -> tuple[Text, ...]:
    """Draw the waterfall; what is to be said of it."""
    from features.definition import Text
    from serving.why.waterfall import kind_of_picture, language_of_waterfall, waterfall

    kind, spoken = kind_of_picture(picture), language_of_waterfall(language)
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.write_bytes(waterfall(row.to_dict(), spoken, kind))
    drawn = Text(f"图：{picture}", f"Picture: {picture}")
    if spoken == language:
        return (drawn,)
    lacking = Text(
        "本机没有中文字体，图中文字为英文；安装Noto Sans CJK后重画即为中文。",
        "There is no Chinese font on this machine, so the picture speaks English.",
    )
    return drawn, lacking


def _what_if(
    place: Workplace, row: pd.Series[Any], as_of: date
) -> tuple[tuple[Text, ...], tuple[Text, ...]]:
    """Lines on each step, or a note on why there are none."""
    from features.definition import Text
    from models.errors import ModelsError
    from serving.why.one_group import Supposed
    from serving.why.what_if import lines, what_if

    if row["method"] != "model":
        return (), (Text("没有模型，无法推算措施的效果。", "Without a model there is no what-if."),)
    version = str(row["model_version"])
    try:
        model = _model(place, version)
        read = _features(place, model, as_of)
    except (UsageError, ModelsError) as error:
        why = Text(
            f"无法推算措施的效果：缺少生成该清单的模型（{GROUP_MODEL} {version}）或数据。{error}",
            f"There is no what-if without the model that made the list ({GROUP_MODEL} {version}) "
            f"and the tables. {error}",
        )
        return (), (why,)
    group_id, supposed = str(row["group_id"]), Supposed(**place.settings.what_if.model_dump())
    outcomes = what_if(group_id, as_of, place.tables, model, read, supposed, _small)
    return tuple(lines(outcomes, model, published=float(row["probability"]))), ()


def _model(place: Workplace, version: str) -> Model:
    """The model that made the list.

    Raises:
        UsageError: There is no registry in this home.
        ModelsError: The registry does not have it, or its files are damaged.
    """
    if not place.home.mlflow.exists():
        raise UsageError(
            f"There is no registry at {place.home.mlflow}: bring mlflow.db and artifacts here, or "
            "ask where the list was made."
        )
    return place.registry.load(GROUP_MODEL, version)


def _features(place: Workplace, model: Model, as_of: date) -> pd.DataFrame:
    """The features of the day as the model reads them."""
    from features import group_features
    from pipelines import console
    from pipelines.score import as_read_by

    with console.progress("group features") as tell:
        features = group_features(place.tables, [as_of], tiers=TIERS, progress=tell)
    return as_read_by(place, model, features)


def _small(rows: Mapping[str, pa.Table]) -> Tables:
    """Rows in memory as tables, on a DuckDB of their own."""
    import duckdb
    import narwhals as nw

    from features import on_duckdb

    connection = duckdb.connect(config={"threads": 1})
    connection.execute("SET enable_progress_bar = false")
    frames = {name: nw.from_native(connection.from_arrow(table)) for name, table in rows.items()}
    return on_duckdb(connection, frames)
