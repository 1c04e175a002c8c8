"""Tokens stand for people and numbers; without the key nobody finds the way back."""

from __future__ import annotations

import stat
from pathlib import Path

import pyarrow as pa
import pytest

from pipelines.errors import UsageError
from pipelines.tokens import KEY_VARIABLE, load_key, normalise, token, tokenise

KEY = b"k" * 32
OTHER_KEY = b"o" * 32


@pytest.mark.parametrize(
    "written",
    [
        "13800138000",
        "+8613800138000",
        "8613800138000",
        "0086 138 0013 8000",
        " 138-0013-8000 ",
        "１３８００１３８０００",
        "＋８６　138 0013 8000",
    ],
)
def test_one_number_has_one_token_however_it_is_written(written: str) -> None:
    assert normalise(written) == "13800138000"
    assert token(written, KEY) == token("13800138000", KEY)


def test_an_identity_number_ends_in_a_large_x() -> None:
    assert normalise("11010519491231002x") == "11010519491231002X"


def test_86_is_cut_off_phone_numbers_only() -> None:
    assert normalise("8612345") == "8612345"


def test_a_token_is_32_hex_digits_that_depend_on_the_key() -> None:
    ours = token("13800138000", KEY)

    assert len(ours) == 32
    assert set(ours) <= set("0123456789abcdef")
    assert ours != token("13800138000", OTHER_KEY)


def test_a_column_keeps_its_order_and_its_unknown_cells() -> None:
    column = pa.chunked_array([pa.array(["b", None]), pa.array(["a", "b"])])

    tokens = tokenise(column, KEY).to_pylist()

    assert tokens == [token("b", KEY), None, token("a", KEY), token("b", KEY)]


def test_an_empty_column_stays_empty() -> None:
    assert tokenise(pa.chunked_array([], pa.string()), KEY).to_pylist() == []


def test_the_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "hmac.key"

    first = load_key(path, {})

    assert len(first) == 32
    assert load_key(path, {}) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["hmac.key"]


def test_a_key_from_the_environment_comes_first_and_is_not_written_down(tmp_path: Path) -> None:
    path = tmp_path / "hmac.key"

    assert load_key(path, {KEY_VARIABLE: KEY.hex()}) == KEY
    assert not path.exists()


@pytest.mark.parametrize("weak", ["", "secret", "abcd" * 8])
def test_a_weak_key_is_refused_and_not_shown(weak: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        load_key(tmp_path / "hmac.key", {KEY_VARIABLE: weak})

    assert KEY_VARIABLE in str(refused.value)
    assert not weak or weak not in str(refused.value)
