"""A county's households as one file, with the dirt that real files have, and what must become of each line."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO

import openpyxl

from deploy.bench.families import Families

Line = dict[str, str]
#: One line in so many is soiled but means what it should; one in so many is wrong.
_SOILED, _WRONG = 40, 150
_WIDE = {ord(narrow): chr(ord(narrow) + 0xFEE0) for narrow in "0123456789X"}


def _check_digit_off_by_one(line: Line) -> None:
    number = line["证件号码"]
    line["证件号码"] = number[:-1] + ("1" if number[-1] != "1" else "2")


def _as_a_figure(line: Line) -> None:
    line["证件号码"] = f"{line['证件号码'][0]}.{line['证件号码'][1:4]}E+17"


def _no_such_village(line: Line) -> None:
    line["行政区划代码"] = "340621999999"


def _no_such_code(line: Line) -> None:
    line["健康状况"] = "还行"


def _no_name(line: Line) -> None:
    line["姓名"] = " "


#: What is wrong, and the code under which it must be refused.
_FAULTS: list[tuple[str, Callable[[Line], None]]] = [
    ("wrong_check_digit", _check_digit_off_by_one),
    ("scientific_notation", _as_a_figure),
    ("unknown_village", _no_such_village),
    ("unknown_code", _no_such_code),
    ("missing", _no_name),
]
_DIRT: list[Callable[[Line], None]] = [
    lambda line: line.update(证件号码=line["证件号码"].translate(_WIDE)),
    lambda line: line.update(证件号码=f" {line['证件号码'][:6]} {line['证件号码'][6:].lower()}　"),
    lambda line: line.update(证件号码=f"'{line['证件号码']}"),
    lambda line: line.update(姓名="　".join(line["姓名"])),
    lambda line: line.update(行政区划代码=f"{line['行政区划代码']}.0"),
    lambda line: line.update(健康状况="健康、"),
]


@dataclass
class CountyFile:
    """What is sent, what it should have been, and which lines cannot be taken (line number in the file to its code)."""

    content: bytes
    clean: list[Line]
    refused: dict[int, str]
    households: int

    def corrected(self, workbook: bytes) -> tuple[bytes, int]:
        """Put right a workbook of refused lines, as a clerk does; returns it with the number of its lines."""
        book = openpyxl.load_workbook(BytesIO(workbook))
        sheet = book.active
        assert sheet is not None
        headers = [str(cell.value) for cell in sheet[1]]
        for row in sheet.iter_rows(min_row=2):
            clean = self.clean[int(str(row[headers.index("原行号")].value)) - 2]
            for cell, header in zip(row, headers, strict=True):
                if header in clean:
                    cell.value = clean[header]
        file = BytesIO()
        book.save(file)
        return file.getvalue(), sheet.max_row - 1


def county_file(villages: Sequence[str], households: int, *, seed: int) -> CountyFile:
    """Draw a file; what is wrong with a head's line takes the rest of the household with it."""
    dice = random.Random(seed)
    drawn = Families(villages).draw(households)
    clean = [dict(line) for line in csv.DictReader(StringIO(drawn.content.decode()))]
    sent, refused = list[Line](), dict[int, str]()
    without_head = set[str]()
    for place, line in enumerate(clean, start=2):
        soiled = dict(line)
        if dice.randrange(_WRONG) == 0:
            code, spoil = dice.choice(_FAULTS)
            spoil(soiled)
            refused[place] = code
            if line["与户主关系"] == "户主":
                without_head.add(line["户编号"])
        elif dice.randrange(_SOILED) == 0:
            dice.choice(_DIRT)(soiled)
        sent.append(soiled)
    for place, line in enumerate(clean, start=2):
        if line["户编号"] in without_head:
            refused.setdefault(place, "head_rejected")
    return CountyFile(_csv(sent), clean, refused, households)


def _csv(lines: list[Line]) -> bytes:
    file = StringIO()
    writer = csv.DictWriter(file, list(lines[0]))
    writer.writeheader()
    writer.writerows(lines)
    return file.getvalue().encode("utf-8-sig")
