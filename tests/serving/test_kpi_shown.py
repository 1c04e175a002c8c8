import io
import re
import zipfile
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import openpyxl
import pytest
from kpi_drawings import COUNTY, report

from serving.kpi import shown
from serving.kpi.page import page
from serving.kpi.workbook import workbook

TWELFTH = date(2009, 10, 12)
EVIL = ("=1+1", "<script>alert(1)</script>", "http://x.example/", "@SUM(A1)", "+1", "a&b\"'")
PLAN = """
    kpi_code         | area_id | year | annual_target | unit    | direction | pace
    member_retention | C       | 2009 | 60            | percent | higher    | linear
    member_retention | R1      | 2009 | 60            | percent | higher    | linear
    ict_revenue      | R1      | 2009 | 3750000       | yuan    | higher    | linear
"""
TOLD = """
    kpi_code    | area_id | as_of      | value
    ict_revenue | R1      | 2009-09-30 | 3630000
"""


@pytest.fixture(scope="module")
def made():
    return []


@pytest.fixture
def found(drawn, made):
    """The report, made once."""
    if not made:
        made.append(_report(drawn))
    return made[0]


def _report(drawn):
    return report(drawn(**COUNTY, kpi_target=PLAN, kpi_actual=TOLD), TWELFTH)


def sheets(content):
    return openpyxl.load_workbook(io.BytesIO(content)).worksheets


@pytest.mark.parametrize("language", ["zh", "en"])
def test_page_and_workbook_are_the_same_bytes_when_made_again(found, language):
    assert page(found, language) == page(found, language)
    assert workbook(found, language) == workbook(found, language)


class _Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.addresses = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.addresses += [name for name, _ in attrs if name in ("src", "href", "action", "style")]
        self.addresses += [name for name, _ in attrs if name.startswith("on")]


@pytest.mark.parametrize("name", EVIL)
def test_no_name_of_an_area_becomes_markup_a_formula_or_a_link(found, name):
    named = replace(found, areas=tuple(replace(area, name=name) for area in found.areas))
    tags = _Tags()
    tags.feed(page(named).decode())
    assert not {"script", "a", "img", "link", "iframe"} & set(tags.tags)
    assert tags.addresses == []
    content = workbook(named)
    cells = [cell for sheet in sheets(content) for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    assert any(name in str(cell.value) for cell in cells)
    assert not [f for f in zipfile.ZipFile(io.BytesIO(content)).namelist() if "externalLink" in f]


def test_figures_are_numbers_and_texts_are_texts(found):
    county = next(sheet for sheet in sheets(workbook(found, "en")) if sheet.title == "one")
    rows = [[cell.value for cell in row] for row in county.iter_rows()]
    (header,) = (row for row in rows if row[0] == "KPI" and "Target" in row)
    (revenue,) = (row for row in rows if row[0] == "ICT revenue (10k yuan)")
    cells = dict(zip(header, revenue, strict=True))
    assert (cells["Target"], cells["Actual"], cells["Attained"]) == (375.0, 363.0, 0.968)
    assert cells["Points"] == 22.0
    assert cells["Status"] == "ahead"


def test_the_page_shows_the_whole_first_and_every_area(found):
    html = page(found, "en").decode()
    assert re.findall(r"<h2>(.*?)</h2>", html) == ["area: the city", "area: one", "area: two"]
    assert html.count("<svg") == 1 + 1 + 2  # the year; the city's retention; R1's two


def test_a_bar_ends_where_its_figure_stands_and_its_line_where_it_should(found):
    html = page(found, "en").decode()
    one = html.index("363.0 / 375.0, +22.0")
    fill, tick = re.findall(r'(?:width="([\d.]+)" height="9" fill="#66|x="([\d.]+)")', html[one:])[
        :2
    ]
    assert float(fill[0]) == round(136 * 0.968, 1)
    assert float(tick[1]) == round(136 * 273 / 365, 1)


@pytest.mark.parametrize(("change", "text"), [(-0.001, "0.00"), (0.004, "0.00"), (-0.07, "-0.07")])
def test_what_rounds_to_nothing_has_no_sign(found, change, text):
    one = next(each for each in found.areas[0].lines if each.code == "member_retention")
    assert shown.change(replace(one, change=change)) == text


def test_no_data_is_a_dash_in_every_column(found):
    one = next(each for each in found.areas[0].lines if each.code == "mas_revenue")
    row = shown.row(one, "en")
    assert row.pop("name") == "MAS revenue (10k yuan)"
    assert row.pop("status") == "no data"
    assert set(row.values()) == {shown.NOTHING}
