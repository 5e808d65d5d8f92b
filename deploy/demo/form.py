"""A form that the API hands out, and what it looks like when somebody has filled it in."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import BytesIO, StringIO

import openpyxl

#: Below the title.
_HEADER_ROW = 2
Row = dict[str, str]


class Form:
    """An XLSX form: a title, a row of headers, and room below."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        sheet = openpyxl.load_workbook(BytesIO(content), read_only=True).worksheets[0]
        (headers,) = sheet.iter_rows(min_row=_HEADER_ROW, max_row=_HEADER_ROW, values_only=True)
        self.headers = [str(header) for header in headers if header is not None]

    def filled_in(self, rows: Iterable[Row], *, title: str = "") -> bytes:
        """Return the very form, drop-downs and all, with these rows."""
        book = openpyxl.load_workbook(BytesIO(self._content))
        sheet = book.worksheets[0]
        if title:
            sheet["A1"] = title
        for row in rows:
            sheet.append([row.get(header, "") for header in self.headers])
        file = BytesIO()
        book.save(file)
        return file.getvalue()

    def as_csv(self, rows: Iterable[Row], *, title: str = "") -> bytes:
        """Return the same as CSV, in the encoding of an older system."""
        file = StringIO()
        if title:
            file.write(f"{title}\n")
        writer = csv.DictWriter(file, self.headers, restval="")
        writer.writeheader()
        writer.writerows(rows)
        return file.getvalue().encode("gb18030")
