import re
import shutil
import subprocess
from html.parser import HTMLParser

import pytest
from filled_list import full_list, made_by_model, rules_of_list

from serving import words
from serving.page import page, pages
from serving.sheets.headings import ENTRIES, headings


def html(rows=None, language="zh"):
    rows = full_list() if rows is None else rows
    return page(rows, None, made_by_model(), rules_of_list(), language).decode()


class Tags(HTMLParser):
    """Every tag with its attributes, and all text."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_has_every_column_of_the_workbook_and_room_to_fill_in(language):
    text = Tags(html(language=language)).text

    shown = {words.say(h.title, language) for h in headings(full_list())}
    on_top = {"清单类型", "Kind of list", "清单编号", "List"}
    assert {title for title in shown - on_top if title not in text} == set()
    for entry in ENTRIES:
        for choice in (entry.codes or {}).values():
            assert f"□ {words.say(choice, language)}" in text


def test_the_page_says_what_the_list_says():
    text = Tags(html()).text

    row = full_list().iloc[0]
    for said in ("reason_1_zh", "changed_zh", "talking_zh", "ruled_out_zh", "list_id", "case_id"):
        assert row[said] in text
    assert "1,386" in text  # 138,600 fen a month
    assert "24.0%" in text
    assert "还没有往期清单" in text


def test_nothing_runs_and_nothing_comes_from_elsewhere():
    bad = '"><script>alert(1)</script><img src=http://example.invalid onerror=x>{{ 7*7 }}'
    names = [n for n in full_list() if n.endswith(("_zh", "_en"))]
    rows = full_list().assign(group_name=bad, contact_id=bad, **dict.fromkeys(names, bad))

    found = Tags(html(rows))

    assert bad in found.text
    tags = {tag for tag, _ in found.tags}
    assert not tags & {"script", "img", "link", "iframe", "object", "form", "a", "base"}
    attributes = {name for _, given in found.tags for name in given}
    assert not {name for name in attributes if name.startswith("on") or name in {"src", "href"}}
    assert "default-src 'none'" in html(rows)
    assert not re.search(r"url\(|@import", html(rows))


def test_made_again_it_is_the_same_to_the_byte():
    assert html(full_list()) == html(full_list().copy())


def test_everybody_gets_a_page_of_his_own():
    found = pages(full_list(), None, made_by_model(), rules_of_list())

    assert set(found) == {
        "manager-S0000001.html",
        "manager-S0000002.html",
        "county-R001.html",
        "county-R002.html",
        "pool-R001.html",
    }


@pytest.mark.browser
def test_on_paper_a_row_is_never_torn_from_its_form(tmp_path):
    file, paper = tmp_path / "list.html", tmp_path / "list.pdf"
    file.write_bytes(html().encode())

    subprocess.run(
        [
            shutil.which("chromium"),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-pdf-header-footer",
            f"--print-to-pdf={paper}",
            file.as_uri(),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )

    content = paper.read_bytes()
    # A4 across, in points: 297 by 210 mm.
    (box,) = set(re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", content))
    assert [round(float(side)) for side in box] == [842, 595]
