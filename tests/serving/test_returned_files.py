import io
import re
import zipfile

import pytest
from returned import as_workbook, sent

from serving.errors import FilledInError
from serving.returned.files import MOST_BYTES, tables


def remade(change):
    """The workbook as it was sent, its parts changed."""
    content = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(sent())) as old,
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for info in old.infolist():
            new.writestr(info.filename, change(info.filename, old.read(info.filename)))
    return content.getvalue()


def bomb(name, xml):
    if name != "xl/worksheets/sheet2.xml":
        return xml
    return xml.replace(b"</sheetData>", b" " * 40_000_000 + b"</sheetData>")


def entities(name, xml):
    if name != "xl/sharedStrings.xml":
        return xml
    return xml.replace(b"<sst", b'<!DOCTYPE x [<!ENTITY a "aaaa">]><sst', 1)


def far_row(name, xml):
    if name != "xl/worksheets/sheet2.xml":
        return xml
    row = b'<row r="999999999999"><c r="A999999999999"><v>1</v></c></row></sheetData>'
    return xml.replace(b"</sheetData>", row)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no sheet|neither"),
        (b"%PDF-1.4 \x00\xff\xfe", "none of UTF-8|neither"),
        (b"PK\x03\x04 half a workbook", "no readable workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old kind"),
        (b"a,b\n\x00", "neither"),
        (sent()[:3000], "no readable workbook"),
    ],
)
def test_what_is_no_list_is_refused_in_words(content, why):
    from serving.returned.filled_in import filled_in
    from serving.returned.issued import IssuedLists

    with pytest.raises(FilledInError, match=why):
        filled_in(tables(content), IssuedLists([], []), {}, None)


@pytest.mark.parametrize(
    ("change", "why"),
    [(bomb, "far too large"), (entities, "entities of its own"), (far_row, "more than")],
)
def test_a_file_built_to_do_harm_is_refused(change, why):
    with pytest.raises(FilledInError, match=why):
        tables(remade(change))


def test_a_file_too_large_to_be_a_list_is_not_opened():
    with pytest.raises(FilledInError, match="larger than 50 MB"):
        tables(b"PK\x03\x04" + bytes(MOST_BYTES))


def test_a_sheet_that_lies_of_its_size_is_read_whole():
    def lie(name, xml):
        return re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:B1"', xml)

    assert len(tables(remade(lie))[1].rows) == 5


def test_rows_keep_the_numbers_that_a_person_sees():
    (table,) = tables(as_workbook([["a"], [], [None], ["b"]]))

    assert [number for number, _ in table.rows] == [1, 4]
