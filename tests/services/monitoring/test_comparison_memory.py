"""The largest files that offices send are read in bounded memory: ten million lines, and a full sheet."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from rustpy_xlsxwriter import write_worksheet

from tests.services.monitoring.comparing import EXPENSES, as_csv, number

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
_READ = """
import sys
from datetime import date
from pathlib import Path
from services.monitoring.datasets.catalog import datasets
from services.monitoring.matching.parsing import parse
from shared.sheets.parts import Place, read_parts

def most():
    # Not what getrusage tells, which begins with what the parent held.
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) // 1024

path, kind = sys.argv[1:]
dataset = datasets()["medical_expense"]
rows = good = 0
before = most()
for part in read_parts(Path(path), kind, dataset.form, Place()):
    parsed = parse(part.table, dataset, date(2021, 6, 10))
    rows, good = rows + parsed.rows, good + parsed.good.height
print(rows, good, before, most())
"""
#: Excel's limit is 1,048,576 with the header.
_SHEET = 1_048_575
_BLOCK = 100_000


def read(path: Path, kind: str) -> tuple[int, int, int]:
    """Read a file in a process of its own; return its rows, those that can be compared, and the megabytes it held."""
    run = subprocess.run(
        [sys.executable, "-c", _READ, str(path), kind], capture_output=True, text=True, check=True
    )
    rows, good, before, peak = map(int, run.stdout.split())
    size = path.stat().st_size // 1024**2
    print(f"\n{kind}, {rows:,} rows, {size} MB: held {peak} MB, {before} before")  # noqa: T201 - the figure
    return rows, good, peak


def block(rows: int) -> list[list[str]]:
    people = [number(order) for order in range(900)]
    return [["王建国", people[place % 900], f"{place % 9000}.50", "住院"] for place in range(rows)]


def test_ten_million_lines_take_no_more_memory_than_one(tmp_path: Path) -> None:
    lines = as_csv(block(_BLOCK)).split(b"\r\n", 1)[1]
    path = tmp_path / "expenses.csv"
    taken = []
    for blocks in (10, 100):
        with path.open("wb") as file:
            file.write(as_csv([]))
            for _ in range(blocks):
                file.write(lines)
        rows, good, peak = read(path, "csv")
        assert rows == good == blocks * _BLOCK
        taken.append(peak)
    assert taken[1] < 1.3 * taken[0] < 700


def test_a_full_sheet_is_read_within_what_the_bulk_process_may_take(tmp_path: Path) -> None:
    path = tmp_path / "expenses.xlsx"
    rows_of_it = (dict(zip(EXPENSES, row, strict=True)) for row in block(_SHEET))
    write_worksheet(rows_of_it, str(path), "医疗费用")
    rows, good, peak = read(path, "xlsx")
    assert rows == good == _SHEET
    assert peak < 1500
