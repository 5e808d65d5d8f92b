"""Reading whole files as offices send them: XLSX, text with separators, and NDJSON."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from shared.sheets.form import Form, UnreadableFile, fields_by_any_name, filled, plain_header
from shared.sheets.parts import KEY, Place, lines_of, lines_with_objects, read_text, refusing
from shared.sheets.workbooks import read_workbook

#: Values of all objects, each of which has a place for every key of any.
_MOST_VALUES = 100_000_000
#: A table's rows, and what each header was taken for.
Read = tuple[pl.DataFrame, dict[str, str | None]]


def read_table(path: Path, kind: str, form: Form) -> pl.DataFrame:
    """Return the file's rows as text, one column a known field, with ``line`` as people count lines.

    Of text with separators ``OVERLONG`` tells which rows have more cells than the header.
    Refuses with ``UnreadableFile``, ``HeaderMissing`` or ``SeveralSheets``.
    """
    return read_headed(path, kind, form)[0]


def read_headed(path: Path, kind: str, form: Form) -> Read:
    """Return what ``read_table`` returns, and what each header was taken for: a field, or None where it is unknown."""
    with refusing(path, kind):
        return _READ[kind](path, form)


def _read_csv(path: Path, form: Form) -> Read:
    header, parts = read_text(path, form, Place())
    return pl.concat([part.table for part in parts]), header.taken_for


def _read_xlsx(path: Path, form: Form) -> Read:
    table, header = read_workbook(path, form)
    return table, header.taken_for


def _read_ndjson(path: Path, form: Form) -> Read:
    """Take the keys of all objects for the header, the values for text."""
    lines = _lines_of_what_fits(path)
    objects = pl.read_ndjson(path, infer_schema_length=None)
    if any(dtype.is_nested() for dtype in objects.dtypes):
        raise UnreadableFile
    taken_for = {key: form.fields.get(plain_header(key)) for key in objects.columns}
    if not form.required <= set(taken_for.values()):
        raise form.missing()
    # A line's own number, such as a list of refused ones tells, is not ours.
    numbered = objects.drop("line", strict=False).cast(pl.String).insert_column(0, lines)
    return filled(fields_by_any_name(numbered, form)), taken_for


def _lines_of_what_fits(path: Path) -> pl.Series:
    """Return on which line each object stands; refuse keys of which memory would not hold all places."""
    keys, lines, told = set[bytes](), 0, list[pl.Series]()
    with path.open("rb") as file:
        for block in lines_of(file):
            keys.update(KEY.findall(block))
            told.append(lines_with_objects(block, lines))
            lines += block.count(b"\n")
            if len(keys) * (lines + 1) > _MOST_VALUES:
                raise UnreadableFile
    return pl.concat(told)


_READ = {"csv": _read_csv, "ndjson": _read_ndjson, "xlsx": _read_xlsx}
