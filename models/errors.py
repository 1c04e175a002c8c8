"""What can go wrong in this room, each with a sentence that a person can act on."""

from __future__ import annotations


class ModelsError(ValueError):
    """Anything that models refuse to do; the message says what is wrong and what to do."""


class FeatureError(ModelsError):
    """A feature table lacks a column, holds one twice, or holds something that is no number."""


class SplitError(ModelsError):
    """There are too few days, or too few of a class, to part training from testing."""


class TrainingRefused(ModelsError):
    """The label or the settings cannot give a model worth having."""


class EvaluationError(ModelsError):
    """Labels, scores and clusters do not belong together."""


class ExplanationError(ModelsError):
    """The contributions do not add up to the score that they explain."""


class ModelRefused(ModelsError):
    """A saved model is not, byte for byte, the model that was saved."""


class RegistryError(ModelsError):
    """The registry knows no such model, version or alias."""
