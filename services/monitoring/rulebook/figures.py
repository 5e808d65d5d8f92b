"""Figures that a rule draws from departments' rows: a sum over a window, how many rows, or what the newest one says.

Of all rows, or of some kinds of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, model_validator

from services.monitoring.datasets.catalog import datasets
from services.monitoring.rulebook.facts import Fact
from services.monitoring.rulebook.flaws import Flaw, unsound

#: ``period``: that of the batch; ``year``: its calendar year so far; ``twelve_months``: those that end with it.
Window = Literal["period", "year", "twelve_months"]
Take = Literal["sum_amount", "max_amount", "sum_quantity", "max_quantity", "rows", "newest_kind"]

#: The columns of a result by which rows are put together, what they are joined with, and their type.
_KEYS: Mapping[str, tuple[str, str, str]] = {
    "person": ("member_id", "p.member_id", "uuid"),
    "household": ("household_id", "h.id", "uuid"),
    "village": ("division_code", "h.division_code", "text"),
}
#: A sum of numerics, or of big integers, keeps a state in memory for each of half a million people; one of integers
#: keeps a number. So hundredths are summed up in two halves, neither of which can run over.
_SUM = (
    "(sum(CAST(CAST({column} * 100 AS bigint) >> 24 AS integer)){{of}} * 167772.16"
    " + sum(CAST(CAST({column} * 100 AS bigint) & 16777215 AS integer)){{of}} * 0.01)"
)
#: ``{of}``: of which rows only.
_TAKEN: Mapping[Take, str] = {
    "sum_amount": _SUM.format(column="amount"),
    "max_amount": "max(amount){of}",
    "sum_quantity": _SUM.format(column="quantity"),
    "max_quantity": "max(quantity){of}",
    "rows": "CAST(nullif(count(*){of}, 0) AS numeric)",
    "newest_kind": "(array_agg(kind ORDER BY happened_on DESC NULLS LAST, comparison_id DESC, line DESC){of})[1]",
}


class Taken(NamedTuple):
    """What is made of rows: of all of them, or of those of some kinds."""

    take: Take
    kinds: tuple[str, ...] = ()


class Figure(Fact):
    """A fact made of the rows of one or several datasets that were matched, or are about somebody who has left."""

    #: Rows about a person, about anybody of a household, or about its village.
    per: Literal["person", "household", "village"] = "person"
    datasets: tuple[str, ...] = Field(min_length=1)
    take: Take
    window: Window
    #: Of rows with these codes in the column ``kind`` alone: what was spent in hospital, and nothing else.
    kinds: tuple[Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")], ...] = ()

    @model_validator(mode="after")
    def _can_be_told_apart(self) -> Self:
        for code in self.datasets if self.kinds else ():
            codes = datasets()[code].kinds if code in datasets() else frozenset[str]()
            if unknown := set(self.kinds) - codes:
                kinds = ", ".join(sorted(unknown))
                raise unsound(
                    Flaw(
                        f"rows of {code!r} are never of the kinds {kinds}",
                        f"{code!r} 的数据没有这些类别：{kinds}",
                    )
                )
        return self

    @property
    def taken(self) -> Taken:
        """What is made of its rows."""
        return Taken(self.take, self.kinds)

    def join(self, name: str, outcome: str = "matched", *, rows: str = "comparison_outcome_now") -> str:
        """Return the join that brings its value as ``q_<name>``; its batches are bound as ``<name>_batches``.

        ``rows`` are about whoever people are now, or, as ``comparison_outcome``, about whom they were about then.
        """
        key, joined, _ = _KEYS[self.per]
        return f"""
            LEFT JOIN (
                SELECT {key} AS about_{name}, {taken_sql(self.taken)} AS q_{name} FROM {rows}
                WHERE comparison_id = ANY(:{name}_batches) AND outcome = '{outcome}' GROUP BY {key}
            ) of_{name} ON about_{name} = {joined}
            """  # noqa: S608 - column names of this module; the name is checked to be one

    def as_fact(self, name: str) -> Fact:
        """Return it as what a condition asks."""
        return Fact(of=self.of, kind=self.kind, zh=self.zh, en=self.en, codes=self.codes, sql=f"q_{name}")


def taken_sql(taken: Taken, condition: str = "") -> str:
    """Return what is made of rows, or of those alone that meet a condition."""
    conditions = [condition] if condition else []
    if taken.kinds:
        conditions.append("kind IN ({})".format(", ".join(f"'{kind}'" for kind in taken.kinds)))
    elif taken.take == "newest_kind":
        # A row that says none leaves standing what another one says: a loan in order beside a misused one.
        conditions.append("kind IS NOT NULL")
    return _TAKEN[taken.take].format(of=f" FILTER (WHERE {' AND '.join(conditions)})" if conditions else "")


def joined_by(per: str) -> str:
    """Return with what of the registry that is joined which rows are put together by."""
    return _KEYS[per][1]


def column_of(per: str) -> str:
    """Return the column of rows, and of what came of them, that tells one subject from another."""
    return _KEYS[per][0]


def about_sql(per: str) -> str:
    """Return the condition that a row, or what came of it, is about somebody who is named: bound as ``about``."""
    key, _, kind = _KEYS[per]
    return f"{key} = ANY(CAST(:about AS {kind}[]))"
