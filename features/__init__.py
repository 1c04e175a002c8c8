"""What is known of a member or a group on a day."""

from features.compute import group_features, member_features
from features.duckdb_engine import on_duckdb
from features.tables import Tables

__all__ = ["Tables", "group_features", "member_features", "on_duckdb"]
