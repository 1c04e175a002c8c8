import json
from datetime import date

import pytest
from kpi_drawings import line, report

from pipelines import console
from pipelines.errors import UsageError
from pipelines.kpi_section import DEFAULT_FILE
from pipelines.landed import landed
from pipelines.settings import load

DAY = date(2010, 6, 12)
"""A day on which May is closed in every table of the small world."""


@pytest.fixture(scope="module")
def found(small_world):
    return report(landed(small_world / "landing", 1), DAY)


@pytest.mark.parametrize("code", ["group_retention", "ict_revenue", "adc_revenue", "mas_revenue"])
def test_our_figures_are_the_simulated_operators(found, code):
    """What the operator counts to the piece; a late row or two may be missing."""
    one = line(found, code)
    assert one.source == "operator"
    assert one.checked == pytest.approx(one.actual, rel=1e-3)


@pytest.mark.parametrize(
    ("code", "points"),
    [
        ("member_retention", 0.5),
        ("pkgmin_share", 0.5),
        ("key_bundling", 1.0),
        # The operator counts those who were V-net users when they called, we those at the end.
        ("vnet_over_30", 1.5),
        ("short_effective", 1.0),
    ],
)
def test_our_rates_are_close_to_the_simulated_operators(found, code, points):
    one = line(found, code)
    if one.actual is not None:
        assert one.checked == pytest.approx(one.actual, abs=points)
        assert not one.differs


def test_every_kpi_of_the_small_world_is_known_but_those_without_their_groups(found):
    """There is no A group and no double top hundred that anybody could count."""
    unknown = {one.code for one in found.areas[0].lines if one.status == "no_data"}
    assert unknown <= {"key_bundling", "top100_retention"}


def test_shares_of_people_lie_between_nobody_and_all(found):
    for one in found.areas[0].lines:
        if one.unit == "percent" and one.code not in ("revenue_retention",):
            assert one.actual is None or 0 <= one.actual <= 100


@pytest.fixture
def table(tmp_path):
    """A table of KPIs of one's own, and settings that name it."""

    def written(text):
        (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
        (tmp_path / "own.toml").write_text(f'[kpi]\nfile = "{tmp_path / "mine.toml"}"')
        return load(tmp_path / "own.toml").kpi

    return written


def test_the_shipped_table_says_every_kpi_once_and_in_both_languages():
    kpis = load().kpi.definitions()
    assert len(kpis) == DEFAULT_FILE.read_text(encoding="utf-8").count("[[kpi]]")
    assert all(kpi.name.zh and kpi.name.en for kpi in kpis.values())


ONE = """
[[kpi]]
code = "mine"
zh = "我的"
en = "mine"
kind = "level"
direction = "higher"
unit = "percent"
shown = "percent"
decimals = 1
formula = "member_retention"
"""


def test_a_table_of_ones_own_takes_the_place_of_the_shipped_one(table):
    assert list(table(ONE).definitions()) == ["mine"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (ONE.replace("member_retention", "no_such"), "there is no formula 'no_such'"),
        (ONE.replace('"level"', '"pile"'), "kpi.0.kind"),
        (ONE + ONE, "mine stands there twice"),
        (ONE + 'price = "x"', "kpi.0.price"),
        (ONE.replace("member_retention", "product_revenue"), "need each other"),
        ("[[kpi", "cannot be read"),
    ],
)
def test_a_wrong_table_is_told_with_its_row(table, text, told):
    with pytest.raises(UsageError, match=told):
        table(text).definitions()


def test_a_lists_id_of_its_settings_does_not_depend_on_the_report(tmp_path):
    (tmp_path / "own.toml").write_text("[kpi]\nsoon_days = 61")
    assert load(tmp_path / "own.toml").digest == load().digest


@pytest.mark.slow
def test_the_command_prints_and_writes_the_report(trained_home, tmp_path, capsys):
    from pipelines.kpi import report_kpi

    told = report_kpi(as_of=DAY, language="en", out=tmp_path, home=trained_home)

    assert sorted(path.name for path in told["files"]) == [
        "kpi_20100610_en.html",
        "kpi_20100610_en.xlsx",
    ]
    assert all(path.stat().st_size > 2_000 for path in told["files"])
    console.show_json(told)
    printed = json.loads(capsys.readouterr().out)
    assert printed["day"] == "2010-06-10"
    assert printed["areas"][0]["lines"][0]["code"] == "group_retention"
    console.show(told)
    text = capsys.readouterr().out
    assert "KPI report of group customers" in text
    assert "time progress 44.1%" in text  # 161 / 365


@pytest.mark.slow
def test_an_unknown_area_is_a_usage_error_that_names_the_known_ones(trained_home):
    from pipelines.kpi import report_kpi

    with pytest.raises(UsageError, match="There is no area 'Atlantis'; areas with a report: R001"):
        report_kpi(as_of=DAY, area="Atlantis", home=trained_home)
