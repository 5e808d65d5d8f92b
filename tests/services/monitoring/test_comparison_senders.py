"""Who may send which batch: a department its own datasets and no other's, of one county."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from services.monitoring.datasets.catalog import Dataset, datasets
from services.monitoring.datasets.periods import EXAMPLES
from shared.domain.codes import code_lists
from tests.services.monitoring.comparing import Department, as_csv, number
from tests.services.monitoring.conftest import COUNTY, Scene, household, numbered
from tests.services.monitoring.test_comparison_batches import withdrawn

ROW = "姓名,身份证号\n"
COLUMNS = [{"field": "name", "header": "姓名"}, {"field": "identity_number", "header": "身份证号"}]
CODES = [code.code for code in code_lists()["department"].codes]


async def post(caller: httpx.AsyncClient, dataset: str, *, pages: bool = False) -> httpx.Response:
    params = {"period": EXAMPLES[datasets()[dataset].period]}
    address = f"/comparisons/{dataset}"
    if pages:
        return await caller.post(f"{address}/pages", params=params)
    return await caller.post(address, params=params, content=ROW.encode())


@pytest.mark.check
def test_every_dataset_is_of_a_department_that_there_is() -> None:
    assert {each.owner for each in datasets().values()} <= set(CODES)
    given = {"code": "x", "zh": "x", "en": "x", "department": "某局", "period": "month", "description": "x"}
    with pytest.raises(ValueError, match="no such department"):
        Dataset.model_validate(
            given
            | {
                "columns": [
                    {"field": "name", "header": "姓名"},
                    {"field": "identity_number", "header": "身份证号"},
                ]
            }
        )


@pytest.mark.parametrize("pages", [False, True])
@pytest.mark.parametrize("department", ["medical_insurance", "disabled_federation", "bank"])
async def test_a_department_sends_its_own_datasets_and_no_other_ones(
    scene: Scene, department: str, *, pages: bool
) -> None:
    caller = await scene.service.caller("department", COUNTY, departments=[department])
    for code, dataset in datasets().items():
        answer = await post(caller, code, pages=pages)
        if dataset.owner == department:
            assert answer.status_code in {201, 202}, answer.text
        else:
            assert (answer.status_code, answer.json()["code"]) == (403, "not_your_dataset"), code
            assert f"应由{dataset.department}报送" in answer.json()["detail"]


async def test_a_dataset_names_its_department_as_clients_are_registered(scene: Scene) -> None:
    told = {
        each["code"]: each.get("department_code") for each in (await scene.county.get("/datasets")).json()
    }
    assert told == {code: dataset.owner for code, dataset in datasets().items()}


async def test_the_document_tells_what_a_dataset_may_be(scene: Scene) -> None:
    schemas = (await scene.county.get("/openapi.json")).json()["components"]["schemas"]
    dataset, column = schemas["DatasetView"]["properties"], schemas["Column"]["properties"]
    assert dataset["department_code"]["enum"] == CODES
    assert dataset["columns"]["items"] == {"$ref": "#/components/schemas/Column"}
    assert {"header", "aliases", "required", "codes", "unit"} <= column.keys()
    assert schemas["PeriodKind"]["enum"] == [*EXAMPLES]


async def test_a_department_that_nobody_named_sends_nothing(scene: Scene) -> None:
    caller = await scene.service.caller("department", COUNTY, departments=[])
    refused = await post(caller, "medical_expense")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_your_dataset")


async def test_one_system_may_send_for_several_departments_and_the_county_for_all(scene: Scene) -> None:
    both = await scene.service.caller("department", COUNTY, departments=["education", "health"])
    for caller, dataset in ((both, "dropout"), (both, "serious_illness"), (scene.county, "disability")):
        assert (await post(caller, dataset)).status_code == 202, dataset


@pytest.mark.parametrize("areas", [("340000000000",), ("340600000000",), (COUNTY, "340622000000")])
async def test_a_batch_is_of_one_county(scene: Scene, areas: tuple[str, ...]) -> None:
    caller = await scene.service.caller("department", *areas)
    refused = await post(caller, "medical_expense")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_of_one_county")


async def test_who_may_not_send_is_refused_before_a_file_is_received(scene: Scene) -> None:
    caller = await scene.service.caller("department", COUNTY, departments=["bank"])
    received = 0

    async def rows() -> AsyncIterator[bytes]:
        nonlocal received
        for _ in range(64):
            received += 1
            yield b"x" * (1 << 20)

    refused = await caller.post("/comparisons/payroll", params={"period": "2021-Q1"}, content=rows())
    assert refused.status_code == 403
    assert received == 0


async def test_how_good_warnings_were_is_told_to_whose_they_were_and_to_the_county(scene: Scene) -> None:
    await scene.known(household(members=(numbered("王建国", number(400)),), destitute=True))
    sender, other = [
        await scene.service.caller("department", COUNTY, subject=name) for name in ("yibao", "yh")
    ]
    await Department(scene.service, sender).send(as_csv([["王建国", number(400), "2000", "住院"]]))
    told = [
        [line["alerts"] for line in (await caller.get("/datasets/medical_expense/precision")).json()]
        for caller in (sender, scene.county, other)
    ]
    assert told == [[1], [1], []]


async def test_a_sender_is_told_who_else_sent_the_period(scene: Scene) -> None:
    rows = as_csv([["王建国", number(400), "2000", "住院"]])
    # An official's copy beside the department's own, another period, and one that another county's office sent.
    beside = await scene.service.caller("department", "340622000000", subject="beside")
    sender = Department(scene.service, await scene.service.caller("department", COUNTY, subject="yibao"))
    own = await sender.send(rows)
    copied = await Department(scene.service, scene.county).send(rows)
    await Department(scene.service, scene.county).send(rows, "2021-04")
    await Department(scene.service, beside).send(rows)
    told = [
        (await caller.get(f"/comparisons/{batch['id']}/reconciliation")).json()["counted_beside"]
        for caller, batch in ((sender.client, own), (scene.county, copied))
    ]
    assert told == [[copied["owner_name"]], ["yibao"]]
    await withdrawn(Department(scene.service, scene.county), copied)
    again = (await sender.client.get(f"/comparisons/{own['id']}/reconciliation")).json()
    assert again["counted_beside"] == []


async def test_what_no_batch_can_hold_is_refused(scene: Scene) -> None:
    caller = await scene.service.caller("department", COUNTY, departments=["medical_insurance"])
    batch = (await post(caller, "medical_expense", pages=True)).json()["id"]
    for broken in (r'{"姓名": "\ud800"}', r'{"\ud800": "王建国"}'):
        refused = await caller.put(
            f"/comparisons/{batch}/pages/1",
            content=f'{{"rows": [{broken}]}}'.encode(),
            headers={"Content-Type": "application/json"},
        )
        assert (refused.status_code, refused.json()["code"]) == (422, "cannot_be_stored"), broken
    for decision in ("confirmation", "refusal"):
        beyond = await scene.county.post(f"/comparisons/{batch}/results/{2**31}/{decision}")
        assert (beyond.status_code, beyond.json()["code"]) == (422, "invalid")
