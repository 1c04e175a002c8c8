"""The table of actions: as delivered, as somebody's own file, and what is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from data_contracts.contract import source_tables
from features.reasons import Reason
from pipelines.action_section import DEFAULT_FILE, read_table
from pipelines.errors import UsageError
from pipelines.settings import load
from serving.actions.contacts import SCOPE
from serving.actions.facts import FACTS
from serving.actions.kinds import KINDS, LEVERS, REASONS, SCOPES

DELIVERED = DEFAULT_FILE.read_text(encoding="utf-8")
CODES = (
    *("PKG_VNET", "PTS_VNET", "DEP_BONUS", "HANDSET_DISC", "HANDSET_GUAR", "KEY_VISIT"),
    *("CHIEF_VISIT", "P100", "SHORT_SMS", "SCHOOL_MSG", "DED_LINE", "IND_APP", "VERIFY"),
    *("DO_NOT_DISTURB", "WATCH"),
)


@pytest.fixture
def own(tmp_path: Path):
    """A file of one's own: the delivered one with a change."""

    def write(old: str, new: str) -> Path:
        assert old in DELIVERED
        file = tmp_path / "mine.toml"
        file.write_text(DELIVERED.replace(old, new, 1), encoding="utf-8")
        return file

    return write


def test_the_delivered_table_has_every_action_of_the_domain_study() -> None:
    table = load().actions.content.table()

    assert set(table.actions) == set(CODES)
    assert table.actions["PKG_VNET"].aptness == {"price": 0.9, "vnet": 0.8}
    assert table.actions["KEY_VISIT"].cost_group_fen == 3_000
    assert [one.fact for one in table.actions["PTS_VNET"].conditions][:2] == [
        "vnet_members",
        "arrears_fen",
    ]


def test_every_reason_and_every_lever_of_the_contract_has_its_drivers() -> None:
    pattern = next(c for c in source_tables()["rival_event"].columns if c.name == "lever").pattern

    assert set(REASONS) == {reason.code for reason in Reason}
    assert all(lever in re.split(r"[^a-z_]+", pattern) for lever in LEVERS)
    assert set(re.split(r"[^a-z_]+", pattern)) - {""} == set(LEVERS)
    assert set(SCOPES) == set(SCOPE)
    assert set(FACTS) == set(KINDS)


def test_every_number_says_its_unit_its_date_and_its_source() -> None:
    above = ""
    plain = re.compile(r'^("[A-D]\.\w+"|\w+) = [\d\[{-]')
    notes, missing = re.compile(r"# (unit: .+ · )?since: \d{4}-\d\d-\d\d · source: .+"), []
    for line in DELIVERED.splitlines():
        if line.startswith("#"):
            above = line if notes.fullmatch(line) else above
        elif line.startswith("[") or not line:
            above = above if line.startswith("[actions.") else ""
        elif plain.match(line) and not above:
            missing.append(line)

    assert missing == []


def test_a_file_of_ones_own_takes_the_place_of_the_delivered_one(own, tmp_path) -> None:
    file = own("cost_group_fen = 6000", "cost_group_fen = 7000")
    settings = tmp_path / "settings.toml"
    settings.write_text(f'[actions]\nfile = "{file}"\n', encoding="utf-8")

    mine = load(settings)

    assert mine.actions.content.table().actions["PKG_VNET"].cost_group_fen == 7000
    assert mine.digest != load().digest


def test_what_the_table_says_counts_for_the_id_of_the_settings_not_where_it_lies(
    tmp_path: Path,
) -> None:
    same = tmp_path / "same.toml"
    same.write_text(DELIVERED, encoding="utf-8")
    settings = tmp_path / "settings.toml"
    settings.write_text(f'[actions]\nfile = "{same}"\n', encoding="utf-8")

    assert load(settings).digest == load().digest


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("cost_group_fen = 6000", "cost_fen = 6000", "actions.PKG_VNET.cost_fen: Extra"),
        ("price = 0.9, vnet", "prise = 0.9, vnet", "actions.PKG_VNET.aptness: unknown driver"),
        ("price = 0.9, vnet", "price = 1.3, vnet", "less than or equal to 1.2"),
        ('fact = "vnet_members", at_least = 20', 'fact = "vnet", at_least = 20', "unknown fact"),
        ('at_least = "orange"', 'at_least = "mauve"', "'mauve' is no level"),
        ("at_least = 20", 'at_least = "many"', "must be a number"),
        ("R16 = { records = 1.0 }", "R17 = { records = 1.0 }", "R17 is none of the reasons"),
        ("vpn = { vnet = 1.0 }", "", "says nothing of vpn"),
        ("[actions.WATCH]", "[actions.WAIT]", "WATCH is missing"),
        ("{vnet_members}名V网", "{colour}名V网", "{colour} is not known here"),
        ("lever_share = 0.70", "lever_share = 1.70", "choice.lever_share"),
        ('per_member = "idle_sms_members"', 'per_member = "arpu_fen"', "counts nobody"),
    ],
)
def test_what_nobody_knows_or_is_out_of_bounds_is_refused_by_file_and_key(
    own, old, new, said
) -> None:
    file = own(old, new)

    with pytest.raises(UsageError, match=re.escape(said)) as caught:
        read_table(file)
    assert str(file) in str(caught.value)


def test_a_file_that_is_not_there_is_told_of() -> None:
    with pytest.raises(UsageError, match=r"nowhere\.toml cannot be read"):
        read_table(Path("nowhere.toml"))
