"""What is known of a member or a group on a day."""

from features.compute import group_features, member_features
from features.tables import Tables, on_duckdb

__all__ = ["Tables", "group_features", "member_features", "on_duckdb"]
