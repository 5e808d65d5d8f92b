"""A dataset's sample: rows about people who are made up, as an office would fill them in."""

from __future__ import annotations

from services.monitoring.datasets.catalog import Dataset
from services.monitoring.datasets.columns import Column, ColumnType
from shared.domain.codes import code_lists

#: Valid numbers of nobody: name, number, birth date, village (八里村 of the demo's county).
PEOPLE = (
    ("王建国", "340621198003019014", "1980-03-01", "340621100206"),
    ("李秀英", "340621195001019025", "1950-01-01", "340621100206"),
    ("买买提·艾力", "340621197512129030", "1975-12-12", "340621100206"),
)
_KEYS = {"name": 0, "identity_number": 1, "birth_date": 2, "division": 3}
_CELLS = {
    ColumnType.TEXT: "说明",
    ColumnType.YUAN: "1200.50",
    ColumnType.NUMBER: "3.5",
    ColumnType.INTEGER: "2",
    ColumnType.DATE: "2021-06-01",
    ColumnType.YES_NO: "是",
}


def sample_rows(dataset: Dataset) -> list[list[str]]:
    """Return a row for each of the people."""
    return [[_cell(column, person) for column in dataset.columns] for person in PEOPLE]


def _cell(column: Column, person: tuple[str, ...]) -> str:
    if column.field in _KEYS:
        return person[_KEYS[column.field]]
    if column.sample:
        return column.sample
    return code_lists()[column.codes].codes[0].zh if column.codes else _CELLS[column.type]
