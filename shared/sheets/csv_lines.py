"""CSV as a spreadsheet opens it: signs as they are meant, and no cell a formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from io import StringIO

#: What lets a spreadsheet read UTF-8; stands before the first line.
MARK = "\ufeff"
#: What a spreadsheet takes for a formula, in signs of full width where its language is Chinese; a figure below zero is
#: none.
_FORMULA = re.compile(r"[=+@\t\r＝＋＠－]|-(?![0-9.]+$)")


def csv_lines(rows: Iterable[Iterable[str]]) -> bytes:
    """Return rows as lines of a file."""
    file = StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue().encode()


def no_formula(written: str) -> str:
    """Return what somebody wrote with the mark of a text where a spreadsheet takes it for a formula.

    Read again, it is what it was: see ``form``.
    """
    return f"'{written}" if _FORMULA.match(written) else written
