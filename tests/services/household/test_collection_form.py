"""Every field of the collection form goes in and comes out: through the API and by a file."""

from __future__ import annotations

import csv
import io
from typing import Any, Literal

import httpx
import pytest

from services.household.households.private import MASKS
from services.household.households.schemas import HouseholdFacts, MemberFacts
from services.household.imports.columns import Column, form
from shared.domain.codes import code_lists
from tests.clients import ServiceUnderTest
from tests.services.household.conftest import COUNTY, VILLAGE, number, registered
from tests.services.household.test_imports import Office

NUMBER = number()
CARD = f"{NUMBER}31"
#: Fields whose value no rule can guess.
_GIVEN: dict[str, Any] = {
    "phone": "13800001234",
    "mobile": "13900005678",
    "bank_account": "6217000010001234567",
    "disability_card": CARD,
    "disability_kind": "3",
    "disability_grade": "1",
    "sex": "male",
    "birth_date": "1965-01-01",
}


def everything(model: type[HouseholdFacts | MemberFacts]) -> dict[str, Any]:
    """A value for each field, none of them the default."""
    properties = model.model_json_schema()["properties"]
    return {name: _GIVEN.get(name, _value(schema)) for name, schema in properties.items()}


def _value(schema: dict[str, Any]) -> Any:
    schema = next((each for each in schema.get("anyOf", []) if each.get("type") != "null"), schema)
    if "enum" in schema:
        return schema["enum"][-1]
    if schema["type"] == "array":
        return [schema["items"]["enum"][-1]]
    return {"boolean": True, "integer": schema.get("maximum", 1), "number": "12.50", "string": "某处"}[
        schema["type"]
    ]


def _shown(stated: dict[str, Any], view: dict[str, Any]) -> dict[str, Any]:
    return {name: view[name] for name in stated}


async def test_every_field_is_kept_and_shown(registry: ServiceUnderTest) -> None:
    client = await registry.caller("county_officer", COUNTY)
    household, member = everything(HouseholdFacts), everything(MemberFacts)
    head = {"name": "王建国", "relationship": "head", "identity_number": NUMBER} | member
    answer = await registered(client, members=[head], **household)
    view = answer.json()
    assert _shown(household, view) == household
    assert _shown(member, view["members"][0]) == member


async def test_who_may_not_see_private_fields_sees_them_masked(registry: ServiceUnderTest) -> None:
    town = await registry.caller("supervisor", COUNTY)
    county = await registry.caller("county_officer", COUNTY)
    head = {"name": "王建国", "relationship": "head", "identity_number": NUMBER, "disability_card": CARD}
    answer = await registered(
        county, members=[head | {"mobile": "13900005678"}], bank_account="6217000010001234567"
    )
    view = (await town.get(f"/households/{answer.json()['id']}")).json()
    assert view["bank_account"] == "***************4567"
    assert view["members"][0]["mobile"] == "139******78"
    assert view["members"][0]["disability_card"] == "34****************31"


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"disability_card": "1234"}, "bad_disability_card"),
        ({"disability_card": f"{NUMBER}81"}, "bad_disability_card"),
        ({"disability_card": CARD, "disability_grade": "4"}, "contradicts_card"),
        ({"disability_card": f"{number(order='125')}31"}, "contradicts_number"),
    ],
)
async def test_a_disability_card_must_hold_and_be_its_owners(
    county: httpx.AsyncClient, facts: dict[str, str], code: str
) -> None:
    head = {"name": "王建国", "relationship": "head", "identity_number": NUMBER} | facts
    answer = await county.post("/households", json={"division_code": VILLAGE, "members": [head]})
    assert answer.status_code == 422
    assert [error["code"] for error in answer.json()["errors"]] == [code]


async def test_a_file_fills_every_field_and_a_dash_clears_it(registry: ServiceUnderTest) -> None:
    client = await registry.caller("county_officer", COUNTY)
    written = {column.header: _cell(column) for column in form()}
    await Office(registry, client).send(_csv(written))
    view = await _only(client)
    for column in form():
        if column.field in _fields(column.of):
            assert _of(column, view) == _expected(column), column.field
    dashes = {
        column.header: "-" for column in form() if not column.required and column.field in _fields(column.of)
    }
    await Office(registry, client).send(_csv(written | dashes))
    view = await _only(client)
    known = {"sex", "birth_date"}
    for column in form():
        if not column.required and column.field in _fields(column.of) - known:
            assert _of(column, view) in (None, [], False, "general"), column.field


async def test_a_file_sent_again_with_other_words_for_the_same_changes_nothing(
    registry: ServiceUnderTest,
) -> None:
    client = await registry.caller("county_officer", COUNTY)
    written = {column.header: _cell(column) for column in form()}
    await Office(registry, client).send(_csv(written))
    before = await _only(client)
    figures = await Office(registry, client).send(
        _csv(written | {"联系电话": "138-0000-1234", "村民组": "某处 "})
    )
    assert (figures["registered"], figures["changed"]) == (0, 0)
    assert (await _only(client))["version"] == before["version"]


def _fields(of: Literal["household", "member"]) -> set[str]:
    return set((HouseholdFacts if of == "household" else MemberFacts).model_fields) | {"join_reason"}


def _cell(column: Column) -> str:
    fixed = {
        "household_number": "H0001",
        "division_code": VILLAGE,
        "name": "王建国",
        "identity_number": NUMBER,
        "relationship": "户主",
        "stated_sex": "男",
        "stated_birth_date": "1965年1月1日",
    }
    if column.field in fixed:
        return fixed[column.field]
    if column.yes_no:
        return "是"
    if column.codes and column.field not in _GIVEN:
        return code_lists()[column.codes].codes[-1].zh
    if column.between:
        return str(column.between[1])
    return str(_GIVEN.get(column.field, "12.5" if column.amount else "某处"))


def _expected(column: Column) -> Any:
    if column.yes_no:
        return True
    if column.codes and column.field not in _GIVEN:
        code = code_lists()[column.codes].codes[-1].code
        return [code] if column.many else code
    if column.between:
        return column.between[1]
    return "12.50" if column.amount else _GIVEN.get(column.field, "某处")


def _of(column: Column, view: dict[str, Any]) -> Any:
    return (view if column.of == "household" else view["members"][0])[column.field]


def _csv(row: dict[str, str]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(row))
    writer.writeheader()
    writer.writerow(row)
    return out.getvalue().encode("utf-8-sig")


async def _only(client: httpx.AsyncClient) -> dict[str, Any]:
    (line,) = (await client.get("/households")).json()["items"]
    view: dict[str, Any] = (await client.get(f"/households/{line['id']}")).json()
    assert not any("*" in str(view[name]) for name in MASKS if name in view)
    return view
