"""Makes XForms of forms with pyxform, for ODK's engine: python xform.py FORM OUT.xml [FORM OUT.xml …].

FORM is a workbook or a folder of CSV sheets. A form that pyxform refuses is told on standard error, and its OUT is not
written. So that more forms can be compared, repeated choice names are allowed, and types of SurveyCTO that ask nothing
are hidden.
"""

import csv
import pathlib
import sys

from pyxform.xls2json_backends import get_xlsform
from pyxform.xls2xform import convert

SILENT = {
    "audio audit",
    "caseid",
    "comments",
    "speed violations audit",
    "speed violations count",
    "speed violations list",
    "text audit",
}
SHEETS = ("survey", "choices", "settings", "external_choices", "entities")


def sheets_of(form):
    if form.is_dir():
        return set_of(form)
    book = get_xlsform(form)
    return {key: value for key, value in vars_of(book).items() if value}


def vars_of(book):
    return {field: getattr(book, field) for field in book.__dataclass_fields__}


def set_of(folder):
    sheets = {}
    for sheet in SHEETS:
        file = folder / f"{sheet}.csv"
        if not file.exists():
            continue
        with open(file, newline="", encoding="utf-8") as lines:
            header, *rows = csv.reader(lines)
        sheets[sheet] = [{name: cell for name, cell in zip(header, row) if cell} for row in rows]
        sheets[f"{sheet}_header"] = [dict.fromkeys(header)]
    return sheets


def hide_silent(sheets):
    def known(kind):
        kind = str(kind).strip().lower()
        if kind in SILENT or kind.startswith("sensor_"):
            return "hidden"
        return "calculate" if kind == "calculate_here" else None

    rows = sheets.get("survey") or []
    return {**sheets, "survey": [{**row, "type": known(row.get("type")) or row.get("type")} for row in rows]}


def allow_duplicates(sheets):
    settings = [dict(row) for row in sheets.get("settings") or [{}]] or [{}]
    settings[0]["allow_choice_duplicates"] = "yes"
    return {**sheets, "settings": settings, "settings_header": [dict.fromkeys(settings[0])]}


def xform_of(form):
    sheets = hide_silent(sheets_of(form))
    try:
        return convert(sheets, form_name="data").xform
    except Exception as refusal:  # noqa: BLE001 (pyxform raises many kinds)
        if "Choice names must be unique" not in str(refusal):
            raise
        return convert(allow_duplicates(sheets), form_name="data").xform


def main(arguments):
    for form, out in zip(arguments[::2], arguments[1::2]):
        try:
            xform = xform_of(pathlib.Path(form))
        except Exception as refusal:  # noqa: BLE001
            print(f"{form}: not compared, pyxform refuses it: {str(refusal).splitlines()[0][:160]}", file=sys.stderr)
            continue
        pathlib.Path(out).write_text(xform, encoding="utf-8")


main(sys.argv[1:])
