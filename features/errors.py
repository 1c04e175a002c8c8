"""What can be wrong with a feature, or with asking for one."""

from __future__ import annotations


class FeatureError(ValueError):
    """Features were asked for in a way that cannot be answered; the message says what to do."""


class CatalogError(FeatureError):
    """A feature that cannot be computed as it is written."""
