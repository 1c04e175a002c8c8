import json
import shutil

import numpy as np
import pytest
from hypothesis import given, strategies as st

from models.bundle import load, save
from models.errors import FeatureError, ModelRefused


@pytest.fixture(scope="module")
def saved(model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    save(model, folder)
    return folder


def test_a_model_comes_back_the_same_to_the_bit(model, saved, later_rows, tmp_path):
    back = load(saved)

    np.testing.assert_array_equal(
        back.margin(later_rows.features), model.margin(later_rows.features)
    )
    np.testing.assert_array_equal(
        back.probability(later_rows.features), model.probability(later_rows.features)
    )
    assert (back.name, back.label) == ("group_transfer", "L_transfer_90")
    assert back.metadata["origin"] == "2011-01-03"
    save(back, tmp_path)
    for file in ("model.txt", "model.json"):
        assert (tmp_path / file).read_bytes() == (saved / file).read_bytes()


def test_no_customer_is_stored_with_the_model(model, fit_rows):
    assert not model.golden.merge(fit_rows.features, on=list(model.features)).any(axis=None)


def cut_short(content: bytes) -> bytes:
    return content[: len(content) // 2]


def without_last_line(content: bytes) -> bytes:
    return content.rstrip().rsplit(b"\n", 1)[0]


def emptied(content: bytes) -> bytes:
    return b""


def one_bit_flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def one_digit_changed(content: bytes) -> bytes:
    place = next(i for i in range(len(content) // 2, len(content)) if content[i : i + 1].isdigit())
    digit = (int(content[place : place + 1]) + 1) % 10
    return content[:place] + str(digit).encode() + content[place + 1 :]


def with_line_ends_of_windows(content: bytes) -> bytes:
    return content.replace(b"\n", b"\r\n")


def with_a_byte_more(content: bytes) -> bytes:
    return content + b"\n"


DAMAGES_TO_ANY_FILE = [cut_short, emptied, one_bit_flipped, one_digit_changed]
DAMAGES_TO_TREES = [without_last_line, with_line_ends_of_windows, with_a_byte_more]


@pytest.mark.parametrize(
    ("file", "damage"),
    [
        *(("model.txt", damage) for damage in DAMAGES_TO_ANY_FILE + DAMAGES_TO_TREES),
        *(("model.json", damage) for damage in DAMAGES_TO_ANY_FILE),
    ],
)
def test_a_damaged_model_is_refused_by_name(saved, tmp_path, file, damage):
    folder = shutil.copytree(saved, tmp_path / "damaged")
    content = (folder / file).read_bytes()
    (folder / file).write_bytes(damage(content))

    with pytest.raises(ModelRefused, match=rf"{file}: .*(restore|train again)"):
        load(folder)


@pytest.mark.parametrize("file", ["model.txt", "model.json"])
def test_a_missing_file_is_named(saved, tmp_path, file):
    folder = shutil.copytree(saved, tmp_path / "halved")
    (folder / file).unlink()

    with pytest.raises(ModelRefused, match=f"{file}: it cannot be read"):
        load(folder)


def test_calibration_knots_changed_by_hand_are_refused(saved, tmp_path):
    folder = shutil.copytree(saved, tmp_path / "tuned")
    content = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    content["calibration"]["y"][1] += 0.1
    (folder / "model.json").write_text(json.dumps(content), encoding="utf-8")

    with pytest.raises(ModelRefused, match="not what was saved"):
        load(folder)


@given(st.permutations(["rival_share", "lock_in_days", "noise", "group_id"]))
def test_columns_are_matched_by_name(model, later_rows, order):
    table = later_rows.features.head(20).assign(group_id="acme")

    np.testing.assert_array_equal(
        model.margin(table[order]), model.margin(later_rows.features)[:20]
    )


def test_missing_columns_are_named(model, later_rows):
    with pytest.raises(FeatureError, match="missing: rival_share, noise"):
        model.probability(later_rows.features[["lock_in_days"]])


def test_a_column_that_stands_twice_is_named(model, later_rows):
    twice = later_rows.features.assign(other=0.0).rename(columns={"other": "noise"})

    with pytest.raises(FeatureError, match="more than once: noise"):
        model.margin(twice)


def test_nobody_to_score_is_no_error(model, later_rows):
    assert model.probability(later_rows.features.head(0)).shape == (0,)
