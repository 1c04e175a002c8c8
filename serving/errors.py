"""What can go wrong in this room, each with a sentence that a person can act on."""

from __future__ import annotations


class ServingError(ValueError):
    """Anything that serving refuses to do; the message says what is wrong and what to do."""


class ScoringError(ServingError):
    """Scores cannot be made, or do not add up to what explains them."""


class ListError(ServingError):
    """A risk list cannot be put together from what was given."""


class UnknownGroup(ServingError):
    """Nobody scored a group of this id; the message names the closest ids."""


class NoBatch(ServingError):
    """Nothing was published for the day that was asked for."""


class StoreError(ServingError):
    """What is published is damaged, or may not be published."""


class CasebookError(ServingError):
    """A case cannot take an entry or a move, or the casebook itself cannot be used."""


class ActionError(ServingError):
    """Actions cannot be chosen from what was given."""


class DirectoryError(ServingError):
    """A directory of names cannot be read, or what it names cannot be written."""


class FilledInError(ServingError):
    """A file is no filled-in list, or not one that can be read."""
