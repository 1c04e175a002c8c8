"""Workbooks of the list of ``filled_list`` as tests read them."""

import io

from filled_list import full_list, made_by_model, rules_of_list
from openpyxl import load_workbook

from serving.workbook import workbook


def book(rows=None, language="zh", **kwargs):
    rows = full_list() if rows is None else rows
    return workbook(rows, None, made_by_model(), rules_of_list(), language, **kwargs)


def sheets(content):
    return load_workbook(io.BytesIO(content)).worksheets


def list_of(content):
    return sheets(content)[1]


def cells(sheet):
    header, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def text_of(sheet):
    return "\n".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell)


def column_of(sheet, title):
    return next(cell.column_letter for cell in sheet[1] if cell.value == title)
