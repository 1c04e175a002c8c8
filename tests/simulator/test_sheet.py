"""The world sheet is one page, complete in itself, and its figures are what was counted."""

from __future__ import annotations

import re
import shutil
from html import unescape
from html.parser import HTMLParser
from math import isnan

import pyarrow.parquet as pq
import pytest

from simulator.draws import Draws
from simulator.flaws.planting import Planter
from simulator.preset import load
from simulator.sheet.choosing import choose
from simulator.sheet.figure import Figure, pooled
from simulator.sheet.figures import figures
from simulator.sheet.page import world_sheet
from simulator.sheet.reading import World
from simulator.sheet.story import LEFT_GROUP, NOT_YET, Story
from simulator.sheet.svg import Drawing, Scale, ticks
from simulator.sheet.ties import layout, network
from simulator.world import simulate

VOID = {"meta", "link", "br", "img", "hr", "input"}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A world long enough that a group's life fits into it, with call edges at its end."""
    out = tmp_path_factory.mktemp("told")
    overrides = {
        "world.months": 22, "world.months_after": 1, "population.groups": {"A": 1, "B": 3, "C": 90},
        "attack.mult": 3, "circle.edges_months": 16,
    }  # fmt: skip
    simulate(load("toy", overrides), 3, out)
    return out


@pytest.fixture(scope="module")
def page(told) -> str:
    return world_sheet(told)


class Elements(HTMLParser):
    """Opens and closes of a page, and whatever it would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.fetched: list[str] = []
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.found.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        self.fetched += [value for name, value in attrs if name in ("src", "href")]

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def figure(**changes) -> Figure:
    given = {
        "number": "1", "name": "intent", "name_zh": "转网意向", "wanted": 0.6, "low": 0.58,
        "high": 0.62, "tolerance": "± 2 points", "numerator": 60.0, "denominator": 100.0,
        "clusters": 100.0, "squares": 24.0, "unit": "percent",
    }  # fmt: skip
    return Figure(**{**given, **changes})


def test_the_page_is_well_formed_and_fetches_nothing(page):
    elements = Elements()
    elements.feed(page)

    assert (elements.wrong, elements.open) == ([], [])
    assert elements.fetched == []
    assert "script" not in elements.found
    assert "url(" not in page
    assert set(re.findall(r'https?://[^"]+', page)) == {"http://www.w3.org/2000/svg"}


def test_the_page_shows_figures_rivalry_seasons_contracts_and_one_group(page):
    headings = re.findall(r"<h2>([^<]+)<span>([^<]+)</span></h2>", unescape(page))

    assert [name for name, _ in headings] == [
        "The document's figures", "Rivalry through time", "The year in usage",
        "Contracts hold, and let go", "What hidden states leave behind", "One group's life",
        "Its call graph",
    ]  # fmt: skip
    assert all(re.search(r"[\u4e00-\u9fff]", chinese) for _, chinese in headings)


def test_no_coordinate_is_unknown(page):
    assert not re.findall(r'"[^"]*\b(?:nan|inf)\b[^"]*"', page)


def test_the_same_world_gives_the_same_page(told, page):
    assert world_sheet(told) == page


def test_a_folder_without_a_world_is_said_to_have_none(tmp_path):
    with pytest.raises(FileNotFoundError, match="holds no simulated world"):
        world_sheet(tmp_path)


def test_a_world_too_short_for_any_story_has_a_page_all_the_same(tmp_path):
    overrides = {"world.months": 2, "population.groups": {"A": 0, "B": 1, "C": 9}, "attack.mult": 0}
    simulate(load("toy", overrides), 1, tmp_path)

    page = world_sheet(tmp_path)

    assert "nothing to measure" in page
    assert "One group" not in page


def test_rows_that_were_broken_on_purpose_are_left_out(told, tmp_path):
    preset = load("toy", {"flaws.malformed": 0.02, "flaws.duplicate": 0.01, "flaws.text_batch": 0})
    planter = Planter(preset.flaws, Draws(1))
    for file in sorted((told / "landing").rglob("*.parquet")):
        planter.deliver(pq.read_table(file), tmp_path / "landing" / file.parent.name / file.stem)
    shutil.copytree(told / "truth", tmp_path / "truth")
    planter.write(tmp_path / "truth" / "flaws.parquet")

    page = world_sheet(tmp_path)

    listed = pq.read_table(tmp_path / "truth" / "flaws.parquet")
    assert f"{listed.num_rows:,} planted flaws" in page
    world = World(tmp_path)
    whole = "SELECT count(*) FROM usage_month WHERE regexp_full_match(month, '20[0-9]{4}')"
    assert world.one(whole) == world.one("SELECT count(*) FROM usage_month")


def test_every_figure_has_a_verdict_and_a_chinese_name(told):
    found = figures(told)

    assert len(found) > 20
    assert all(re.search(r"[\u4e00-\u9fff]", f.name_zh) for f in found)
    assert {f.verdict for f in found} <= {"met", "within chance", "missed", "nothing to measure"}
    assert all(f.measured >= 0 or isnan(f.measured) for f in found if f.unit == "percent")


def test_intent_is_counted_over_attacks_on_c_groups_before_the_drift(told):
    world = World(told)
    intent = next(f for f in figures(told) if f.number == "1")

    attacks = world.ask("SELECT group_id, date, intent FROM gt_attack")
    tier = world.lookup("SELECT group_id, tier FROM groups")
    of_c = [i for group, day, i in attacks if tier[group] == "C" and day < world.quiet_end]
    assert (intent.numerator, intent.denominator) == (sum(of_c), len(of_c))


def test_a_figure_inside_its_tolerance_is_met():
    assert figure().verdict == "met"
    assert figure(numerator=0.0, denominator=0.0).verdict == "nothing to measure"


def test_a_figure_outside_is_missed_only_if_so_many_cases_cannot_stray_so_far():
    """.50 of 100 has the 95 % interval .40 to .60, of 10,000 .49 to .51."""
    few = figure(numerator=50.0, squares=25.0)
    many = figure(numerator=5000.0, denominator=10_000.0, clusters=10_000.0, squares=2500.0)

    assert few.interval == pytest.approx((0.404, 0.596), abs=0.001)
    assert (few.verdict, many.verdict) == ("within chance", "missed")


def test_members_who_are_alike_are_worth_less_than_as_many_strangers():
    """Ten groups of ten, all or nothing: (1-.5)²·10² a group, so .25/(250/100²) = 10 cases."""
    alike = figure(numerator=50.0, clusters=10.0, squares=250.0)

    assert alike.interval[1] - alike.interval[0] > 0.5


def test_worlds_are_pooled_by_adding_what_was_counted():
    one, other = figure(), figure(numerator=10.0, denominator=100.0)

    (together,) = pooled([one, other])

    assert together.measured == (60 + 10) / (100 + 100)
    assert together.clusters == 200


def test_the_chosen_group_was_attacked_before_it_moved_and_lost_members_to_a_second_sim(told):
    world = World(told)
    chosen = choose(world)
    assert chosen is not None

    assert chosen.attacked < chosen.moved
    last = Story(world, chosen).members()[-1][1]
    assert last["dual"] + last["gone"] > 0
    assert sum(last.values()) == chosen.size
    assert set(last) <= {"sole", "dual", "gone", LEFT_GROUP, NOT_YET}


def test_the_call_graph_holds_members_of_the_group_and_thins_out_after_the_move(told):
    world = World(told)
    chosen = choose(world)
    assert chosen is not None
    found = network(world, chosen)
    assert found is not None

    assert set(found.after.states) == set(found.before.states)
    assert "call_edge_month" in found.source or "first day" in found.source
    assert sum(found.after.pairs.values()) <= sum(found.before.pairs.values())


def test_a_world_without_call_edges_shows_the_ties_of_its_first_day(world):
    opened = World(world)
    story = opened.one(
        "SELECT group_id, '', '', 5, DATE '2008-03-05', DATE '2008-05-05', '' FROM groups"
        " WHERE tier = 'B' ORDER BY 1 LIMIT 1"
    )
    from simulator.sheet.choosing import Chosen

    found = network(opened, Chosen(*story))

    assert found is not None
    assert found.before.pairs == found.after.pairs != {}
    assert {user for pair in found.before.pairs for user in pair} >= set(found.before.states)


def test_people_who_talk_stand_nearer_than_those_who_do_not():
    places = layout(["a", "b", "c", "d"], {("a", "b"): 9.0, ("c", "d"): 9.0})

    def apart(one: str, other: str) -> float:
        (x, y), (u, v) = places[one], places[other]
        return ((x - u) ** 2 + (y - v) ** 2) ** 0.5

    assert max(apart("a", "b"), apart("c", "d")) < min(apart("a", "c"), apart("b", "d"))


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 10, [0, 2.5, 5, 7.5, 10]), (0, 0.23, [0, 0.1, 0.2]), (4, 4, [4]), (62, 84, [70, 80])],
)
def test_ticks_are_round_numbers(low, high, expected):
    assert ticks(low, high) == expected


def test_text_in_a_drawing_is_escaped_and_a_line_breaks_where_nothing_is_known():
    drawing = Drawing(10, 10, "A & B")
    drawing.text((0, 0), "<b>")
    drawing.path([(0, 0), (1, float("nan")), (2, 2), (3, 3)], "#000")

    assert "A &amp; B" in drawing.render()
    assert "&lt;b&gt;" in drawing.render()
    assert 'd="M0 0M2 2L3 3"' in drawing.render()


def test_a_scale_turns_values_into_places():
    assert Scale(0, 10, 100, 0)(2.5) == 75
