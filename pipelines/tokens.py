"""Keyed tokens that stand for phone numbers, ID numbers and names."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import unicodedata
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.errors import UsageError

KEY_VARIABLE = "GROUPCHURN_HMAC_KEY"
_KEY_BYTES = 32
_TOKEN_LENGTH = 32
_SEPARATORS = re.compile(r"[\s\-()]+")
_CHINA_PREFIX = re.compile(r"^(?:\+|00)?86(?=1[3-9]\d{9}$)")


def normalise(value: str) -> str:
    """One spelling of a number or name: half-width, no spaces or hyphens, no +86, capital letters.

    Example:
        >>> normalise("+86 １３８-0000-0000")
        '13800000000'
    """
    plain = _SEPARATORS.sub("", unicodedata.normalize("NFKC", value)).upper()
    return _CHINA_PREFIX.sub("", plain)


def token(value: str, key: bytes) -> str:
    """The token of ``value`` under ``key``: 32 hex digits of HMAC-SHA-256 of its normal spelling.

    The same person has the same token as long as the key stays; without the key the token cannot
    be turned back by trying all numbers (unkeyed hashes of the whole number space take two hours).
    """
    digest = hmac.new(key, normalise(value).encode(), hashlib.sha256)
    return digest.hexdigest()[:_TOKEN_LENGTH]


def tokenise(column: pa.ChunkedArray, key: bytes) -> pa.ChunkedArray:
    """The tokens of a text column; unknown stays unknown. Each different value is hashed once."""
    encoded = pc.dictionary_encode(column).combine_chunks()
    chunk = encoded if isinstance(encoded, pa.DictionaryArray) else encoded.chunk(0)
    values = [token(value, key) for value in chunk.dictionary.to_pylist()]
    return pa.chunked_array([pa.array(values, pa.string()).take(chunk.indices)])


def load_key(path: Path, environment: Mapping[str, str]) -> bytes:
    """The key from ``environment`` if given there, else from ``path``, made on first use.

    Args:
        path: The key file, readable by its owner only (mode 0600).
        environment: ``GROUPCHURN_HMAC_KEY`` holds the key as at least 64 hex digits.

    Raises:
        UsageError: The key is no hex or too short; the message does not show it.
    """
    given = environment.get(KEY_VARIABLE)
    if given is not None:
        return _from_hex(given, f"the environment variable {KEY_VARIABLE}")
    if not path.exists():
        _create(path)
    return _from_hex(path.read_text(encoding="ascii"), str(path))


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(_KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:  # another process was first: its key is the key
        pass
    finally:
        draft.unlink()


def _from_hex(text: str, source: str) -> bytes:
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    if len(key) < _KEY_BYTES:
        raise UsageError(
            f"The token key in {source} is not {_KEY_BYTES} bytes written as {2 * _KEY_BYTES} hex "
            "digits. Restore it from your backup: with another key nobody keeps their token."
        )
    return key
