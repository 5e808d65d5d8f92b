"""Figures that a rule draws from departments' rows: a sum over a window, how many rows, or what the newest one says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from services.monitoring.rulebook.facts import Fact

#: ``period``: that of the batch; ``year``: its calendar year so far; ``twelve_months``: those that end with it.
Window = Literal["period", "year", "twelve_months"]
Take = Literal["sum_amount", "max_amount", "sum_quantity", "max_quantity", "rows", "newest_kind"]

#: The columns of a result by which rows are put together, what they are joined with, and their type.
_KEYS: Mapping[str, tuple[str, str, str]] = {
    "person": ("member_id", "p.member_id", "uuid"),
    "household": ("household_id", "h.id", "uuid"),
    "village": ("division_code", "h.division_code", "text"),
}
_TAKEN: Mapping[Take, str] = {
    "sum_amount": "sum(amount)",
    "max_amount": "max(amount)",
    "sum_quantity": "sum(quantity)",
    "max_quantity": "max(quantity)",
    "rows": "CAST(count(*) AS numeric)",
    "newest_kind": "(array_agg(kind ORDER BY happened_on DESC NULLS LAST, comparison_id DESC, line DESC))[1]",
}


class Figure(Fact):
    """A fact made of the rows of one or several datasets that were matched."""

    #: Rows about a person, about anybody of a household, or about its village.
    per: Literal["person", "household", "village"] = "person"
    datasets: tuple[str, ...] = Field(min_length=1)
    take: Take
    window: Window

    def join(
        self,
        name: str,
        *,
        kind: Literal["LEFT JOIN", "JOIN"] = "LEFT JOIN",
        having: str = "true",
        among: str = "true",
    ) -> str:
        """Return the join that brings its value as ``q_<name>.value``; its batches are bound as ``<name>_batches``."""
        key, joined, _ = _KEYS[self.per]
        return f"""
            {kind} (
                SELECT {key} AS about, {self.taken} AS value FROM comparison_result
                WHERE comparison_id = ANY(:{name}_batches) AND outcome = 'matched' AND {among}
                GROUP BY {key} HAVING {having}
            ) q_{name} ON q_{name}.about = {joined}
            """  # noqa: S608 - column names of this module; the name is checked to be one

    @property
    def taken(self) -> str:
        """What is made of the rows."""
        return _TAKEN[self.take]

    def as_fact(self, name: str) -> Fact:
        """Return it as what a condition asks."""
        return Fact(
            of=self.of, kind=self.kind, zh=self.zh, en=self.en, codes=self.codes, sql=f"q_{name}.value"
        )


def told_sql(per: str, *, by_itself: bool, about: bool) -> str:
    """Return the join that leaves only those whom batches (``:telling``) tell of, with the newest of those batches.

    Unless the batches that are asked about stand ``by_itself``, only whom one of those (``:told``) tells of, too; or,
    where they are few, those who are named (``:about``).
    """
    key, joined, _ = _KEYS[per]
    asked = about_sql(per) if about else f"{key} IN (SELECT {key} FROM {_matched('told')})"  # noqa: S608 - as above
    if by_itself:
        lines = f"SELECT DISTINCT {key} AS about, comparison_id AS batch FROM {_matched('telling')}"  # noqa: S608 - as above
    else:
        lines = f"""
            SELECT DISTINCT ON ({key}) {key} AS about, comparison_id AS batch FROM {_matched("telling")}
                AND {asked}
            ORDER BY {key}, comparison_id DESC"""  # noqa: S608 - as above
    return f"JOIN ({lines}) told ON told.about = {joined}"


def column_of(per: str) -> str:
    """Return the column of rows, and of what came of them, that tells one subject from another."""
    return _KEYS[per][0]


def about_sql(per: str) -> str:
    """Return the condition that a row, or what came of it, is about somebody who is named."""
    key, _, kind = _KEYS[per]
    return f"{key} = ANY(CAST(:about AS {kind}[]))"


def _matched(batches: str) -> str:
    return f"comparison_result WHERE comparison_id = ANY(:{batches}) AND outcome = 'matched'"
