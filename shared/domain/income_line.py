"""The income line of the monitoring range (监测范围), by place and date: data, never a constant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files

import yaml

from shared.domain.division import within
from shared.refusal import Refusal

_NATION = "000000000000"


class IncomeLineUnknown(Refusal):
    """No income line of the monitoring range is known for that day."""

    status = 422
    code = "income_line_unknown"
    zh = "该日期没有可用的监测范围收入标准"


@dataclass(frozen=True, slots=True)
class IncomeLine:
    """A per-capita amount in yuan, where and since when it holds, and who says so."""

    area: str
    valid_from: date
    amount: Decimal
    source: str


@cache
def income_lines() -> tuple[IncomeLine, ...]:
    """Return all known lines."""
    entries = yaml.safe_load(files(__package__).joinpath("income_line.yaml").read_text("utf-8"))
    return tuple(IncomeLine(e["area"], e["from"], Decimal(e["amount"]), e["source"]) for e in entries)


def income_line(division_code: str, on: date) -> IncomeLine:
    """Return the line that holds in a division on a day: of the nearest place above it, the newest.

    Raises ``IncomeLineUnknown`` for days before the first one.
    """
    valid = [line for line in income_lines() if line.valid_from <= on and _covers(line.area, division_code)]
    if not valid:
        raise IncomeLineUnknown(on.isoformat())
    return max(valid, key=lambda line: (line.area != _NATION, len(line.area.rstrip("0")), line.valid_from))


def _covers(area: str, division_code: str) -> bool:
    return area == _NATION or within(division_code, area)
