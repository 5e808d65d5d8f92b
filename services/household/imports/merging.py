"""Staged lines over what is known, field by field: an empty cell keeps, a dash clears. Made from the form's columns."""

from __future__ import annotations

from functools import cache
from typing import Literal

from sqlalchemy import TextClause, text

from services.household.imports.columns import form

#: What stands where something must, and nothing was said. All other fields may be unknown.
_DEFAULTS = {
    "kind": "'general'",
    "minimum_living": "false",
    "destitute": "false",
    "relocated": "false",
    "health": "'{}'",
    "other_causes": "'{}'",
    "water_problems": "'{}'",
}
#: Not merged.
_KEYS = frozenset({"household_number", "division_code", "identity_number"})
#: Who was registered without a number gets one; nobody's is replaced, for that is a correction to be looked at.
_NUMBERED = {
    "number_index": "coalesce(known.number_index, p.number_index)",
    "sex": "CASE WHEN known.number_index IS NULL THEN coalesce(p.sex, known.sex) ELSE known.sex END",
}
#: The grid that the line's group belongs to as a whole.
_GRID = """(SELECT g.id FROM grid g WHERE g.division_code = p.division_code AND g.closed_on IS NULL
    AND g.groups @> ARRAY[p.group_name])"""
#: Who goes to a group that a grid has as a whole goes to that grid; else the grid stays.
_GRIDDED = {
    "grid_id": f"""CASE WHEN p.group_name IS DISTINCT FROM known.group_name THEN coalesce({_GRID}, known.grid_id)
        ELSE known.grid_id END""",
}
_SEALED_NUMBER = "CASE WHEN known.number_index IS NULL THEN p.identity_number ELSE known.identity_number END"
_BATCH = "p.import_id = :import_id AND p.household_id = ANY(:households)"


@cache
def enter_households() -> TextClause:
    """Enter households that are not registered, from their heads' lines; returns their ids."""
    fields = [*_fields("household"), *_indexes("household")]
    return text(f"""
        INSERT INTO household (id, number, division_code, grid_id, head_name, member_count, {", ".join(fields)})
        SELECT p.household_id, p.household_number, p.division_code, {_GRID}, p.name, family.people,
            {", ".join(_first(field) for field in fields)}
        FROM import_person p JOIN (
            SELECT household_id, count(*) AS people FROM import_person p WHERE {_BATCH} GROUP BY household_id) family
            USING (household_id)
        WHERE {_BATCH} AND p.relationship = 'head' AND NOT p.household_id = ANY(:known)
        RETURNING id
        """)  # noqa: S608 - names come from the form's columns, values are bound


@cache
def change_households() -> TextClause:
    """Change registered households where their heads' lines say something new; returns their ids."""
    merged = _merged("household")
    return text(f"""
        UPDATE household known SET {_assigned("household", merged)} FROM import_person p
        WHERE p.import_id = :import_id AND p.household_id = ANY(:known) AND p.relationship = 'head'
            AND known.id = p.household_id AND {_differ(merged)}
        RETURNING known.id
        """)  # noqa: S608 - as above


@cache
def enter_members() -> TextClause:
    """Enter persons who are not registered; returns their households' ids."""
    fields = [*_fields("member"), *_indexes("member")]
    same = "household_id, division_code, identity_number, number_index, sex, birth_date"
    return text(f"""
        INSERT INTO member (id, {same}, {", ".join(fields)})
        SELECT p.member_id, {same}, {", ".join(_first(field) for field in fields)} FROM import_person p
        WHERE {_BATCH} AND NOT EXISTS (SELECT FROM member known WHERE known.id = p.member_id)
        RETURNING household_id
        """)  # noqa: S608 - as above


@cache
def change_members() -> TextClause:
    """Change registered persons of whom the file says something new; returns their households' ids."""
    merged = _merged("member")
    return text(f"""
        UPDATE member known SET identity_number = {_SEALED_NUMBER}, {_assigned("member", merged)}
        FROM import_person p
        WHERE p.import_id = :import_id AND p.household_id = ANY(:known) AND known.id = p.member_id
            AND {_differ(merged)}
        RETURNING known.household_id
        """)  # noqa: S608 - as above


@cache
def foretell() -> TextClause:
    """Count what writing would do: households registered, households changed, persons entered or changed."""
    staged = "p.import_id = :import_id"
    return text(f"""
        SELECT (SELECT count(DISTINCT p.household_id) FROM import_person p WHERE {staged}
                AND NOT EXISTS (SELECT FROM household known WHERE known.id = p.household_id)) AS registered,
            (SELECT count(*) FROM (
                SELECT known.id FROM household known JOIN import_person p ON p.household_id = known.id
                WHERE {staged} AND p.relationship = 'head' AND {_differ(_merged("household"))}
                UNION
                SELECT known.id FROM household known JOIN import_person p ON p.household_id = known.id
                WHERE {staged} AND NOT EXISTS (SELECT FROM member WHERE member.id = p.member_id)
                UNION
                SELECT known.household_id FROM member known JOIN import_person p ON p.member_id = known.id
                WHERE {staged} AND {_differ(_merged("member"))}) touched) AS changed,
            (SELECT count(*) FROM import_person p WHERE {staged}) AS members
        """)  # noqa: S608 - as above


def _fields(of: Literal["household", "member"]) -> list[str]:
    kept = [column for column in form() if not column.checked_only and column.field not in _KEYS]
    return [column.field for column in kept if column.of == of]


def _indexes(of: Literal["household", "member"]) -> list[str]:
    """Indexes of encrypted fields: what is merged by them is known again, which its ciphertext does not allow."""
    return [f"{column.field}_index" for column in form() if column.sealed and column.of == of]


def _merged(of: Literal["household", "member"]) -> dict[str, str]:
    """Return what tells a change, field to its next value: of encrypted fields their indexes."""
    plain = set(_fields(of)) - {index.removesuffix("_index") for index in _indexes(of)}
    merged = {field: _next(field, field) for field in _fields(of) if field in plain}
    merged |= _NUMBERED if of == "member" else _GRIDDED
    return merged | {index: _next(index, index.removesuffix("_index")) for index in _indexes(of)}


def _first(field: str) -> str:
    return f"coalesce(p.{field}, {_DEFAULTS[field]})" if field in _DEFAULTS else f"p.{field}"


def _next(column: str, field: str) -> str:
    cleared = _DEFAULTS.get(field, "NULL")
    return (
        f"CASE WHEN '{field}' = ANY(p.cleared) THEN {cleared} ELSE coalesce(p.{column}, known.{column}) END"
    )


def _assigned(of: Literal["household", "member"], merged: dict[str, str]) -> str:
    """Assign what is merged; an encrypted value that is the same keeps its ciphertext."""
    sealed = {
        field: f"""CASE WHEN '{field}' = ANY(p.cleared) THEN NULL
            WHEN p.{index} IS NULL OR p.{index} = known.{index} THEN known.{field} ELSE p.{field} END"""
        for index in _indexes(of)
        for field in [index.removesuffix("_index")]
    }
    return ", ".join(f"{name} = {value}" for name, value in (merged | sealed).items())


def _differ(merged: dict[str, str]) -> str:
    """Only rows that change are written: a file sent again makes no history and no news."""
    fields = ", ".join(f"known.{field}" for field in merged)
    return f"({fields}) IS DISTINCT FROM ({', '.join(merged.values())})"
