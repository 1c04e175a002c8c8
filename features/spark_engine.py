"""Tables on Spark, where one machine is too small: the only file that imports pyspark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import narwhals as nw
import pyarrow as pa

from data_contracts.contract import source_tables
from features.tables import Frame, Tables

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from features.cache import Cache


def spark_session(url: str, **settings: str) -> SparkSession:
    """A session on the cluster at ``url`` (``local[2]``: this machine) that reads times as given.

    Raises:
        ModuleNotFoundError: The extra ``spark`` is not installed.
    """
    from pyspark.sql import SparkSession

    plain = {
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.timestampType": "TIMESTAMP_NTZ",
        "spark.ui.enabled": "false",
        **settings,
    }
    return SparkSession.builder.master(url).appName("groupchurn").config(map=plain).getOrCreate()


def on_spark(
    spark: SparkSession,
    files: Mapping[str, list[Path] | list[str]],
    *,
    cache: Cache | None = None,
) -> Tables:
    """Tables that ``spark`` reads from Parquet ``files``, by the name of the source table.

    What is held stays on the cluster's workers, in memory or on their disks.
    """
    held: list[DataFrame] = []

    def read(name: str) -> Frame:
        rows = spark.read.parquet(*map(str, files[name]))
        return _frame(rows.select(*source_tables()[name].names))

    def bring(small: pa.Table) -> Frame:
        return _frame(spark.createDataFrame(small))

    def hold(frame: Frame) -> Frame:
        kept = frame.to_native().localCheckpoint(eager=True)
        held.append(kept)
        return _frame(kept)

    def beside(rows: Frame, parts: Sequence[Frame], on: Sequence[str]) -> Frame:
        wide: DataFrame = rows.to_native()
        for part in parts:
            wide = wide.join(part.to_native(), list(on), "left")
        return hold(_frame(wide))

    @contextmanager
    def holding() -> Iterator[None]:
        before = len(held)
        try:
            yield
        finally:
            while len(held) > before:
                held.pop().unpersist()

    return Tables(
        "spark", {name: read(name) for name in files}, bring, hold, beside, holding, cache
    )


def _frame(rows: DataFrame) -> Frame:
    return nw.from_native(rows)  # type: ignore[no-any-return]
