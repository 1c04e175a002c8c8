"""One definition, two engines: every feature on Spark is what it is on DuckDB."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from features import group_features, member_features
from features.catalog import GROUP_FEATURES, MEMBER_FEATURES
from pipelines.landed import landed, landed_files

DAYS = [date(2009, 12, 3), date(2009, 12, 13)]
pytestmark = [pytest.mark.java, pytest.mark.slow, pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def spark_tables(landing_of_everything, tmp_path_factory):
    from features.spark_engine import on_spark, spark_session

    folder = tmp_path_factory.mktemp("spark")
    session = spark_session(
        "local[2]",
        **{
            "spark.sql.shuffle.partitions": "2",
            "spark.sql.codegen.wholeStage": "false",  # compiling costs more than so few rows
            "spark.local.dir": str(folder),
            "spark.sql.warehouse.dir": str(folder),
        },
    )
    yield on_spark(session, landed_files(landing_of_everything))
    session.stop()


def test_every_member_feature_is_the_same_on_both(landing_of_everything, spark_tables):
    found = member_features(spark_tables, DAYS)

    assert_same(found, member_features(landed(landing_of_everything, 2), DAYS), MEMBER_FEATURES)


def test_every_group_feature_is_the_same_on_both(landing_of_everything, spark_tables):
    found = group_features(spark_tables, DAYS, tiers=None)

    assert_same(
        found, group_features(landed(landing_of_everything, 2), DAYS, tiers=None), GROUP_FEATURES
    )


def assert_same(found, expected, catalogue):
    assert set(found) >= {feature.name for feature in catalogue}
    pd.testing.assert_frame_equal(
        found, expected, check_exact=False, rtol=1e-9, atol=1e-12, check_dtype=False
    )
