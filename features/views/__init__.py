"""Rows worked out of several tables, for features to aggregate: one file a subject."""
