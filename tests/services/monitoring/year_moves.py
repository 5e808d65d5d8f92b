"""What departments send in a year, as chance draws it: of people of all classes, in an office's hand."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal

from tests.services.monitoring.comparing import number
from tests.services.monitoring.conftest import OTHER_VILLAGE, VILLAGE
from tests.services.monitoring.years import REACH, Batch, Person, Row, Year

#: The first and the last month that is told of.
MONTHS = [f"{year}-{month:02}" for year in (2021, 2022) for month in range(1, 13)][5:21]
SENDERS = {
    "medical_expense": ("yibao", "weijian", "town-clinic"),
    "relief": ("minzheng",),
    "dropout": ("jiaoyu",),
    "vehicle": ("gongan",),
}


def people(draw: random.Random, count: int) -> dict[str, Person]:
    """Return so many persons of two villages, one to three a household, by number."""
    names = [one + two for one in "王李赵孙周吴" for two in "建国秀英小明大海玉兰"]
    classes = ["destitute", "minimum_living", "lifted", "general", "general"]
    found = []
    for order in range(count):
        village, of = draw.choice([VILLAGE, OTHER_VILLAGE]), draw.choice(classes)
        found.append(Person(draw.choice(names), number(100 + order), village, of))
    return {each.number: each for each in found}


def batch_of(draw: random.Random, year: Year, dataset: str, sender: str, period: str) -> Batch:
    """Return a batch as a department may send it: of a few of its people, in an office's hand."""
    reach = [each for each in year.people.values() if REACH.get(sender) in {None, each.village}]
    rows = [
        row
        for _ in range(draw.randint(0, 2 * len(reach) // 3))
        for row in _rows(draw, draw.choice(reach), dataset)
    ]
    return Batch(dataset, sender, period, rows or [Row(None, Decimal(1), ["外地人", number(998), "1", ""])])


def corrected(draw: random.Random, batch: Batch, year: Year) -> Batch:
    """Return it with some rows gone, some changed and some new."""
    kept = [Row(row.number, row.value, row.cells) for row in batch.rows if draw.random() < 0.85]
    more = batch_of(draw, year, batch.dataset, batch.sender, batch.period).rows
    return Batch(batch.dataset, batch.sender, batch.period, kept + more[: draw.randint(0, 3)] or more)


def _rows(draw: random.Random, person: Person, dataset: str) -> Iterator[Row]:
    """Give what is told of somebody, and now and then a row that cannot be read."""
    value, cell = _figure(draw, dataset)
    written = draw.choice(
        [person.number] * 5 + [f" {person.number}", person.number[:6] + person.number[8:17]]
    )
    former = [person.former] * 3 if person.former else []
    name = draw.choice([*former, *[person.name] * 5, f"{person.name[0]} {person.name[1:]}", "某某"])
    yield Row(person.number, value, [name, written, cell, draw.choice(["", "其他"])])
    if draw.random() < 0.15:
        spoilt = [["外地人", number(999), cell], [person.name, "123", cell], ["", person.number, cell]]
        yield Row(None, value, [*draw.choice([*spoilt, [person.name, person.number, "约一百"]]), ""])


def _figure(draw: random.Random, dataset: str) -> tuple[Decimal, str]:
    """Return an amount, and how an office writes it."""
    if dataset == "dropout":
        days = draw.randint(30, 60)
        return Decimal(days), draw.choice([str(days), f"{days}天", f"{days}.0"])
    if dataset == "vehicle":
        yuan = Decimal(draw.choice([12000, 49999, 50000, 50001, 86000]))
        return yuan, draw.choice([f"{yuan}", f"{yuan:,}", f"￥{yuan}元"])
    whole = draw.choice([20, 180, 700, 1000, 2600, 5000, 8000, 15000, -300])
    yuan = Decimal(whole) + Decimal(draw.choice(["0", "0", "0.01"]))
    return yuan, draw.choice([f"{yuan}", f"{yuan:,}", f"{yuan}元", f"￥{yuan}" if yuan > 0 else f"{yuan}"])
