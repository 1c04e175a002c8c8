"""Names and numbers in place of tokens, for the files of those who may see them.

The system knows customers and staff by tokens only. Whoever runs it may hand a directory to
``publish``: the names then stand in the files that are written to a folder of his own, and nowhere
else. Nothing of a directory is kept, logged or hashed, and no message quotes it.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from serving.csv_files import decoded
from serving.errors import DirectoryError, ListError
from serving.provenance import Provenance
from serving.recipients import recipients
from serving.risk_list import ListRules
from serving.scorecard import Scorecard
from serving.sheets.cells import clean, known
from serving.words import Language
from serving.workbook import Names, workbook

COLUMNS = ("token", "name", "number")
ONE_TOKEN = ("am_staff_id", "contact_id", "route_to", "escalate_to")
SEVERAL_TOKENS = ("bundle_members", "also_to")
"""Columns of a list that hold a token, or several with blanks between them."""
MINE_ALONE = 0o600
MY_FOLDER = 0o700


@dataclass(frozen=True)
class Directory:
    """Who stands behind each token: ``(name, number)``, either of them perhaps empty."""

    people: Mapping[str, tuple[str, str]] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.people)

    def said(self, token: str) -> str:
        """Name and number of a token; the token itself where it is not in the directory."""
        return " ".join(part for part in self.people.get(token, ()) if part) or token


def read_directory(file: Path) -> Directory:
    """The directory in a file: CSV or Parquet with the columns token, name and number.

    A token is an id of a group, a member, a contact or an employee; a group has no number.

    Raises:
        DirectoryError: It cannot be read, a column is missing, or a token stands twice with
            different names. The message quotes no line of it.
    """
    try:
        frame = _frame(file)
    except OSError as error:
        raise DirectoryError(f"the directory {file} cannot be read: {error.strerror}") from None
    except (ValueError, ListError):
        # The cause may quote a line, and a line holds a name.
        raise DirectoryError(
            f"the directory {file} is no CSV (UTF-8 or GB18030) and no Parquet"
        ) from None
    if missing := [name for name in COLUMNS[:2] if name not in frame.columns]:
        raise DirectoryError(
            f"the directory {file} has no column {', '.join(missing)}; it needs token and name, "
            "and number where there is one"
        )
    rows = frame.reindex(columns=list(COLUMNS)).dropna(subset="token").drop_duplicates()
    if twice := int(rows["token"].duplicated().sum()):
        raise DirectoryError(
            f"the directory {file} gives {twice} tokens more than one name or number; keep one "
            "line a token"
        )
    people = {
        str(token).strip(): (_text(name), _text(number))
        for token, name, number in rows.itertuples(index=False, name=None)
    }
    return Directory(people)


def named(rows: pd.DataFrame, directory: Directory) -> pd.DataFrame:
    """The rows with names where the directory has them; ids of groups and cases stay.

    Args:
        rows: The list, as its recipients are to get it: routing must be done before, by tokens.
    """
    told = rows.copy()
    for column in ONE_TOKEN:
        if column in rows:
            told[column] = [_said(token, directory) for token in rows[column]]
    for column in SEVERAL_TOKENS:
        if column in rows:
            told[column] = [_all_said(tokens, directory) for tokens in rows[column]]
    names = [directory.people.get(str(group), ("", ""))[0] for group in rows["group_id"]]
    there = rows.get("group_name", pd.Series(None, index=rows.index, dtype=object))
    told["group_name"] = [name or old for name, old in zip(names, there, strict=True)]
    return told


def named_workbooks(
    rows: pd.DataFrame,
    directory: Directory,
    scorecard: Scorecard | None,
    made: Provenance,
    rules: ListRules,
    language: Language = "zh",
    names: Names | None = None,
) -> dict[str, bytes]:
    """The workbooks of ``serving.workbook.workbooks`` with names in them, by the same file names.

    Who gets what is settled by tokens before a name is put in. Only for ``deliver``: these bytes
    must never come into a batch.
    """
    return {
        f"{name}.xlsx": workbook(named(some, directory), scorecard, made, rules, language, names)
        for name, some in recipients(rows).items()
    }


def deliver(files: Mapping[str, bytes], folder: Path) -> list[Path]:
    """Write files with names in them: to be read by their owner alone.

    Args:
        files: Content by name.
        folder: Where; made if it is not there.

    Raises:
        DirectoryError: The folder cannot be written.
    """
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=MY_FOLDER)
        for name, content in sorted(files.items()):
            path = folder / name
            draft = folder / f".{name}.part"
            draft.unlink(missing_ok=True)
            # Made so from the first byte on: there is no moment at which others may read it.
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MINE_ALONE)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
            written.append(path)
    except OSError as error:
        raise DirectoryError(f"{folder} cannot be written: {error.strerror}") from error
    return written


def _frame(file: Path) -> pd.DataFrame:
    content = file.read_bytes()
    if content.startswith(b"PAR1"):
        frame = pd.read_parquet(io.BytesIO(content))
    else:
        frame = pd.read_csv(io.StringIO(decoded(content)), dtype=str, keep_default_na=False)
    return frame.rename(columns=lambda name: str(name).strip().lower())


def _text(value: object) -> str:
    return clean(str(value)).strip() if known(value) else ""


def _said(token: Any, directory: Directory) -> Any:
    return directory.said(str(token)) if known(token) else token


def _all_said(tokens: Any, directory: Directory) -> Any:
    if not known(tokens):
        return tokens
    return "\n".join(directory.said(token) for token in str(tokens).split())
