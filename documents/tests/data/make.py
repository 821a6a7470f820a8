"""Makes the workbooks beside it, in the forms that our own writer does not write: XLS, XLSX that counts days from 1904,
ODS. Run with `pip install xlwt openpyxl odfpy`, only when they are to change. Each says the same: a title, headings in the
third row, two expenses, a total.
"""

import datetime
import pathlib

import openpyxl
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P
from openpyxl.utils.datetime import CALENDAR_MAC_1904

HERE = pathlib.Path(__file__).parent
TITLE = "Gastos de octubre"
HEADINGS = ["Fecha", "Concepto", "Valor", "IVA"]
ROWS = [(datetime.date(2026, 10, 1), "Arriendo", 2_400_000, 456_000), (datetime.date(2026, 10, 15), "Nómina", 3_500_000.5, None)]
TOTAL = ["Total", None, 5_900_000.5]


def xls(name, since_1904):
    book = xlwt.Workbook(encoding="utf-8")
    book.dates_1904 = since_1904
    sheet = book.add_sheet("Octubre")
    day = xlwt.easyxf(num_format_str="DD/MM/YYYY")
    sheet.write(0, 0, TITLE)
    for column, heading in enumerate(HEADINGS):
        sheet.write(2, column, heading)
    for place, row in enumerate(ROWS):
        sheet.write(3 + place, 0, row[0], day)
        for column, value in enumerate(row[1:], start=1):
            if value is not None:
                sheet.write(3 + place, column, value)
    for column, value in enumerate(TOTAL):
        if value is not None:
            sheet.write(5, column, value)
    book.save(HERE / name)


def xlsx_1904(name):
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    sheet = book.active
    sheet.title = "Octubre"
    sheet.append([TITLE])
    sheet.append([])
    sheet.append(HEADINGS)
    for row in ROWS:
        sheet.append(row)
    sheet.append(TOTAL)
    book.save(HERE / name)


def ods(name):
    book = OpenDocumentSpreadsheet()
    table = Table(name="Octubre")

    def add(values):
        row = TableRow()
        for value in values:
            if value is None:
                cell = TableCell()
            elif isinstance(value, datetime.date):
                cell = TableCell(valuetype="date", datevalue=value.isoformat())
                cell.addElement(P(text=value.strftime("%d/%m/%Y")))
            elif isinstance(value, str):
                cell = TableCell(valuetype="string")
                cell.addElement(P(text=value))
            else:
                cell = TableCell(valuetype="float", value=value)
                cell.addElement(P(text=str(value)))
            row.addElement(cell)
        table.addElement(row)

    add([TITLE])
    add([None])
    add(HEADINGS)
    for row in ROWS:
        add(row)
    add(TOTAL)
    book.spreadsheet.addElement(table)
    book.save(str(HERE / name))


xls("gastos.xls", False)
xls("gastos-1904.xls", True)
xlsx_1904("gastos-1904.xlsx")
ods("gastos.ods")
