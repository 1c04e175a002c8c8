import pytest

from simulator.preset import SOURCES, PresetError, assignment, available, load, override


def test_a_county_a_city_a_province_and_number_portability_ship():
    assert available() == ["city_2009", "county_xinxing_2009", "mnp_2019", "province", "toy"]


def test_a_preset_takes_what_it_does_not_say_from_its_base():
    county, toy = load("county_xinxing_2009"), load("toy")

    assert (county.population.groups.A, county.population.groups.B) == (22, 120)
    assert (toy.population.groups.C, toy.world.months) == (150, 24)
    assert toy.intent.b == county.intent.b


@pytest.mark.parametrize("name", available())
def test_every_parameter_has_a_unit_and_a_source(name):
    for parameter in load(name).parameters.values():
        assert parameter.unit
        assert parameter.source in SOURCES


def test_any_parameter_is_overridden_by_its_dotted_name():
    preset = load("toy", {"attack.mult": 3, "lock.mean.C": 0.4, "attack.levers_c.vpn": 0})

    assert preset.attack.mult == 3.0
    assert (preset.lock.mean.B, preset.lock.mean.C) == (0.5, 0.4)
    assert preset.attack.levers_c["vpn"] == 0
    assert preset.parameters["attack.mult"].value == 3


def test_overriding_leaves_the_original_alone():
    toy = load("toy")

    changed = override(toy, {"world.months": 3})

    assert (toy.world.months, changed.world.months) == (24, 3)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("attack.mlt", "attack.mult"),
        ("attack.levers_c.tarif_cut", "attack.levers_c.tariff_cut"),
        ("atack.mult", "attack.mult"),
        ("attack.mult.C", "attack.mult"),
    ],
)
def test_an_unknown_parameter_is_refused_by_name(name, hint):
    with pytest.raises(PresetError, match=f"unknown parameter '{name}'; did you mean '{hint}'"):
        load("toy", {name: 1})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"attack.mult": "much"}, "'attack.mult' cannot be 'much'; it needs a number"),
        ({"world.months": 2.5}, "'world.months' cannot be 2.5; it needs a whole number"),
        ({"lock.mean": 0.3}, "one number for each of A, B and C"),
        ({"member.dual_share": 72}, "a share of adopters lies between 0 and 1"),
        ({"attack.mult": -1}, "a factor cannot be negative"),
    ],
)
def test_a_value_that_cannot_be_is_refused(values, message):
    with pytest.raises(PresetError, match=message):
        load("toy", values)


def test_an_unknown_preset_names_those_there_are():
    with pytest.raises(PresetError, match="no preset 'city'; there are: city_2009, "):
        load("city")


def test_an_assignment_is_a_name_and_a_value():
    assert assignment("attack.mult=0.5") == ("attack.mult", 0.5)
    with pytest.raises(PresetError, match="not of the form parameter=value"):
        assignment("attack.mult")


def test_a_parameter_without_a_source_is_refused(tmp_path):
    (tmp_path / "mine.yaml").write_text("attack:\n  mult: {value: 1, unit: factor}\n")

    with pytest.raises(PresetError, match=r"mine.yaml: attack.mult lacks source"):
        load(str(tmp_path / "mine.yaml"))
