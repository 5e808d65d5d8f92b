"""Yearly incomes: added up, explained, held against the line, restated and taken back."""

from __future__ import annotations

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import httpx
import pytest
from hypothesis import given, strategies as st

from services.household.incomes.errors import TotalsDiffer
from services.household.incomes.rules import (
    TOTALS,
    change_in_percent,
    per_capita_income,
    reference_income,
    reference_rule,
    totals_of,
)
from shared.domain.codes import code_lists
from tests.clients import ServiceUnderTest, outbox_of
from tests.services.household.conftest import COUNTY, OTHER_VILLAGE, TOWN, VILLAGE, registered

KINDS = [code.code for code in code_lists()["income_kind"].codes]
LINES = [
    {"kind": "wage_outside", "amount": "18000.00", "note": "合肥电子厂"},
    {"kind": "wage_public_post", "amount": "2000.00", "note": ""},
    {"kind": "transfer_pension", "amount": "3000.50", "note": ""},
    {"kind": "cost_crops", "amount": "1000.00", "note": ""},
]
amounts = st.decimals(0, 10**6, places=2, allow_nan=False)


async def stated(client: httpx.AsyncClient, path: str, **body: Any) -> httpx.Response:
    etag = (await client.get(path)).headers["etag"]
    return await client.post(f"{path}/incomes", json={"year": 2020} | body, headers={"If-Match": etag})


@pytest.fixture
async def path(county: httpx.AsyncClient) -> str:
    return f"/households/{(await registered(county)).json()['id']}"


@pytest.mark.check
def test_every_kind_belongs_to_one_total() -> None:
    for kind in KINDS:
        assert sum(kind.startswith(prefix) for prefix in TOTALS.values()) == 1


@pytest.mark.check
@given(st.lists(st.tuples(st.sampled_from(KINDS), amounts), max_size=20), st.integers(1, 12), st.randoms())
def test_what_each_has_is_the_sum_of_the_lines_shared(
    lines: list[tuple[str, Decimal]], sharers: int, order: Any
) -> None:
    shuffled = list(lines)
    order.shuffle(shuffled)
    totals = totals_of({}, shuffled)
    assert totals == totals_of({}, lines)
    net = sum((-amount if kind.startswith("cost_") else amount for kind, amount in lines), Decimal(0))
    assert per_capita_income(totals, sharers) == (net / sharers).quantize(Decimal("0.01"), ROUND_HALF_UP)
    # Stated as well, they are the same.
    assert totals_of(totals, lines) == totals


@pytest.mark.check
def test_a_total_that_is_not_its_lines_is_refused_with_the_difference() -> None:
    with pytest.raises(TotalsDiffer) as refused:
        totals_of({"wage": Decimal(100), "transfer": Decimal(7)}, [("wage_other", Decimal(90))])
    (fault,) = refused.value.errors
    assert (fault.pointer, "10" in fault.message, "10" in fault.zh) == ("/wage", True, True)


@pytest.mark.check
def test_the_reference_income_follows_its_rule() -> None:
    statement = dict.fromkeys([*TOTALS, "compensation", "spent_medical", "spent_schooling"], Decimal(0))
    statement |= {"wage": Decimal(10000), "compensation": Decimal(500), "spent_medical": Decimal(2500)}
    statement |= {"sharers": Decimal(2), "spent_schooling": Decimal(9)}
    assert reference_income(statement, reference_rule()) == Decimal(4000)


@pytest.mark.check
@pytest.mark.parametrize(
    ("now", "before", "percent"), [(90, 100, "-10.00"), (150, -100, "250.00"), (1, 0, None)]
)
def test_a_change_is_told_in_percent(now: int, before: int, percent: str | None) -> None:
    assert change_in_percent(Decimal(now), Decimal(before)) == (percent and Decimal(percent))


async def test_lines_are_added_up_for_the_officer_and_explained(county: httpx.AsyncClient, path: str) -> None:
    await stated(county, path, year=2019, wage="30000", sharers=2)
    answer = await stated(county, path, lines=LINES, spent_medical="8000", compensation="1000")
    assert answer.status_code == 200, answer.text
    shown = (await county.get(f"{path}/incomes/2020")).json()
    assert (shown["wage"], shown["transfer"], shown["production_cost"]) == ("20000.00", "3000.50", "1000.00")
    assert (shown["sharers"], shown["per_capita"]) == (2, "11000.25")
    assert shown["lines"] == LINES
    steps = {step["code"]: (step["words"], step["amount"], step["note"]) for step in shown["steps"]}
    assert steps["wage_outside"] == ("务工收入", "18000.00", "合肥电子厂")
    assert steps["net_income"][:2] == ("家庭纯收入", "22000.50")
    assert steps["per_capita"] == ("人均纯收入", "11000.25", "22000.50 ÷ 2")
    assert steps["reference_income"][1] == "7500.25"
    compared = shown["compared"]
    # The line of 2020 is the one that held on its last day.
    assert (compared["line"]["amount"], compared["below"], compared["margin"]) == (
        "5000.00",
        False,
        "6000.25",
    )
    assert compared["rule_version"] == reference_rule().version
    assert (shown["previous_year"], shown["change_percent"]) == (2019, "-26.67")


async def test_it_is_explained_in_english_too(county: httpx.AsyncClient, path: str) -> None:
    await stated(county, path, wage="4000", sharers=1)
    shown = (await county.get(f"{path}/incomes/2020", headers={"Accept-Language": "en"})).json()
    assert shown["steps"][0]["words"] == "wages"
    assert "below the line of 5000" in shown["compared"]["words"]


async def test_a_total_beside_its_lines_must_be_their_sum(county: httpx.AsyncClient, path: str) -> None:
    answer = await stated(county, path, lines=LINES, wage="20001")
    assert (answer.status_code, answer.json()["code"]) == (422, "totals_differ")
    assert answer.json()["errors"][0]["pointer"] == "/wage"
    assert (await county.get(path)).json()["incomes"] == []


async def test_a_statement_says_something_if_only_that_there_was_nothing(
    county: httpx.AsyncClient, path: str
) -> None:
    refused = await stated(county, path)
    assert (refused.status_code, refused.json()["code"]) == (422, "nothing_stated")
    assert (await county.get(path)).json()["incomes"] == []
    assert (await stated(county, path, wage="0")).json()["incomes"][0]["per_capita"] == "0.00"


@pytest.mark.parametrize(
    "line",
    [{"kind": "wage_gold", "amount": "1"}, {"kind": "wage_other", "amount": "-1"}, {"kind": "wage_other"}],
)
async def test_a_line_must_hold(county: httpx.AsyncClient, path: str, line: dict[str, str]) -> None:
    assert (await stated(county, path, lines=[line])).status_code == 422


async def test_the_largest_statement_is_kept_and_a_larger_one_refused(
    county: httpx.AsyncClient, path: str
) -> None:
    most = "1000000000.00"
    kinds = ("wage_other", "business_other", "property_other", "transfer_other")
    lines = [{"kind": kind, "amount": most} for kind in kinds] * 15
    kept = await stated(county, path, lines=lines, sharers=1)
    assert kept.json()["incomes"][0]["per_capita"] == "60000000000.00"
    over = await stated(county, path, wage="1000000000.01", sharers=1)
    assert over.status_code == 422


@pytest.mark.parametrize("year", ["1977", "99999999999"])
async def test_a_year_that_cannot_be_is_refused(county: httpx.AsyncClient, path: str, year: str) -> None:
    etag = {"If-Match": (await county.get(path)).headers["etag"]}
    assert (await county.get(f"{path}/incomes/{year}")).status_code == 422
    assert (await county.post(f"{path}/incomes/{year}/withdrawal", headers=etag)).status_code == 422


async def test_a_year_is_stated_anew_and_taken_back_and_its_story_stays(
    registry: ServiceUnderTest, county: httpx.AsyncClient, path: str
) -> None:
    await stated(county, path, year=2019, wage="8000", sharers=2)
    await stated(county, path, wage="20000", sharers=2)
    again = await stated(county, path, wage="24000", sharers=2)
    assert [each["per_capita"] for each in again.json()["incomes"]] == ["12000.00", "4000.00"]
    registry.clock.moment += timedelta(days=1)
    back = await county.post(f"{path}/incomes/2020/withdrawal", headers={"If-Match": again.headers["etag"]})
    assert [each["year"] for each in back.json()["incomes"]] == [2019]
    told = (await outbox_of(registry))[-1]["data"]
    assert isinstance(told, dict)
    assert (told["income_year"], told["income_per_capita"]) == (2019, "4000.00")
    story = [step for step in (await county.get(f"{path}/history")).json() if step["what"] == "income"]
    assert [step["kind"] for step in story] == ["created", "created", "changed", "deleted"]
    missing = await county.post(f"{path}/incomes/2020/withdrawal", headers={"If-Match": back.headers["etag"]})
    assert missing.status_code == 404


async def test_a_county_is_counted_by_how_its_households_stand_to_the_line(
    registry: ServiceUnderTest,
) -> None:
    county = await registry.caller("county_officer", COUNTY)
    for place, (village, wage) in enumerate(
        [(VILLAGE, "4999.99"), (VILLAGE, "5000"), (VILLAGE, None), (OTHER_VILLAGE, "7500")]
    ):
        answer = await registered(county, order=str(100 + 10 * place), village=village)
        if wage:
            await stated(county, f"/households/{answer.json()['id']}", wage=wage, sharers=1)
    shown = (await county.get("/incomes/summary", params={"division": COUNTY, "year": 2020})).json()
    figures = ("households", "without_statement", "below", "near", "above")
    assert [shown["total"][name] for name in figures] == [4, 1, 1, 1, 1]
    assert [part["division_code"] for part in shown["parts"]] == ["340621100000", "340621101000"]
    town = await registry.caller("town_officer", TOWN)
    own = (await town.get("/incomes/summary", params={"division": COUNTY, "year": 2020})).json()
    assert [own["total"][name] for name in figures] == [3, 1, 1, 1, 0]


async def test_lines_are_served_by_place_and_day(county: httpx.AsyncClient) -> None:
    of_2022 = {"division": VILLAGE, "on": "2022-05-01"}
    assert (await county.get("/income-lines", params=of_2022)).json()["amount"] == "7000.00"
    today = (await county.get("/income-lines", params={"division": VILLAGE})).json()
    assert (today["amount"], today["valid_from"]) == ("6000.00", "2021-01-01")
    unknown = await county.get("/income-lines", params={"division": VILLAGE, "on": "2001-01-01"})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "income_line_unknown")
