"""What rules may ask: the facts, as ``facts.yaml`` holds them, and the query that lays them side by side."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict

from shared.database.places import inside_sql
from shared.domain.codes import code_lists
from shared.domain.division import NATION
from shared.domain.income_line import income_lines
from shared.domain.money import round_to_cent

#: ``departed``: a person who has left, where they were last; any other person is present.
Subject = Literal["household", "person", "departed"]
Kind = Literal["code", "codes", "number", "yuan", "yes_no"]
#: How a kind is stored in a table of facts.
SQL_TYPES: Mapping[Kind, str] = {
    "code": "text",
    "codes": "text[]",
    "number": "numeric",
    "yuan": "numeric",
    "yes_no": "boolean",
}
AMOUNTS: frozenset[Kind] = frozenset({"number", "yuan"})
_YES_NO = {True: ("是", "yes"), False: ("否", "no")}


class Fact(BaseModel):
    """Something that is known of a household or a person, or not known."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    of: Literal["household", "person"]
    kind: Kind
    zh: str
    en: str
    #: The list of a code's labels.
    codes: str = ""
    needs: tuple[str, ...] = ()
    sql: str = ""

    def words(self, value: Any, language: Literal["zh", "en"]) -> str:
        """Return a value as people write it."""
        if value is None:
            return "未知" if language == "zh" else "unknown"
        if isinstance(value, list | tuple):
            return ("、" if language == "zh" else ", ").join(self.words(each, language) for each in value)
        if self.kind == "yes_no":
            return _YES_NO[value][language == "en"]
        if self.kind == "yuan":
            return f"{round_to_cent(Decimal(str(value))):,}" + (" 元" if language == "zh" else " yuan")
        return code_lists()[self.codes].label(value, language) if self.codes else f"{Decimal(str(value)):f}"

    def takes(self, value: Any) -> bool:
        """Tell whether it can have that value."""
        if self.kind == "yes_no":
            return isinstance(value, bool)
        if self.kind in AMOUNTS:
            return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
        if self.kind == "codes":
            return isinstance(value, list | tuple) and all(map(self.has_code, value))
        return self.has_code(value)

    def has_code(self, value: Any) -> bool:
        """Tell whether a value is a code of its list."""
        return isinstance(value, str) and self.codes in code_lists() and value in code_lists()[self.codes]


class _Book(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    joins: Mapping[str, str]
    facts: Mapping[str, Fact]


@cache
def _book() -> _Book:
    return _Book.model_validate(yaml.safe_load(files(__package__).joinpath("facts.yaml").read_text("utf-8")))


def facts() -> Mapping[str, Fact]:
    """Return all facts by name."""
    return _book().facts


def as_given(known: Mapping[str, Fact], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return a case as JSON or YAML has it with its amounts exact."""
    return {
        name: Decimal(str(value)) if value is not None and known[name].kind in AMOUNTS else value
        for name, value in inputs.items()
        if name in known
    }


_PRESENT = "JOIN {persons} p ON p.household_id = h.id AND p.left_on IS NULL"
_DEPARTED = """
    JOIN {persons} p ON p.household_id = h.id AND p.left_on IS NOT NULL AND NOT EXISTS (
        SELECT FROM {persons} later WHERE later.member_id = p.member_id AND later.household_id <> p.household_id
            AND (later.left_on IS NULL OR (later.left_on, later.household_id) > (p.left_on, p.household_id)))
    """


def facts_sql(
    asked: Mapping[str, Fact],
    subject: Subject,
    on: date,
    *,
    households: str,
    persons: str,
    narrowed: str = "",
    further: str = "",
) -> tuple[str, dict[str, Any]]:
    """Return the query of those facts: a line for each household, present or departed person, and its parameters.

    ``households`` and ``persons`` are what stands for the replicas, so that a past can be asked; ``narrowed`` are
    further joins and conditions on ``h`` and ``p``, ``further`` columns of theirs. Lines hold household_id, member_id,
    division_code, last_risk.
    """
    book = _book()
    line, parameters = _income_line(on)
    # Where an elimination's risk returns, it is the risk of then.
    needed = {"watch"}.union(*(fact.needs for fact in asked.values()))
    columns = "".join(f', {fact.sql.format(income_line=line)} AS "{name}"' for name, fact in asked.items())
    joins = "\n".join(book.joins[name].format(persons=persons) for name in sorted(needed))
    member, of_persons = "CAST(NULL AS uuid)", ""
    if subject != "household":
        member = "p.member_id"
        of_persons = (_DEPARTED if subject == "departed" else _PRESENT).format(persons=persons)
    sql = f"""
        SELECT h.id AS household_id, {member} AS member_id, h.division_code, w.last_risk{columns}{further}
        FROM {households} h {of_persons}
        {joins}
        {narrowed}
        """  # noqa: S608 - names and expressions of facts.yaml, which is a part of the program; values are bound
    return sql, {"on": on} | (parameters if "income_line" in asked else {})


def _income_line(on: date) -> tuple[str, dict[str, Any]]:
    """Return the expression of the income line that holds at ``h.division_code``: the nearest place's newest."""
    newest = {
        line.area: line
        for line in sorted(income_lines(), key=lambda each: each.valid_from)
        if line.valid_from <= on
    }
    nation = newest.pop(NATION, None)
    nearest_first = sorted(newest.values(), key=lambda each: -len(each.area.rstrip("0")))
    cases = " ".join(
        f"WHEN {inside_sql('h.division_code', line.area)} THEN CAST(:line_{place} AS numeric)"
        for place, line in enumerate(nearest_first)
    )
    values: dict[str, Any] = {f"line_{place}": line.amount for place, line in enumerate(nearest_first)}
    values["line"] = nation.amount if nation else None
    return (f"CASE {cases} ELSE CAST(:line AS numeric) END" if cases else "CAST(:line AS numeric)"), values
