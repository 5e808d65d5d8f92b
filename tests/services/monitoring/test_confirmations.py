"""What departments' data says again of a household under watch is found with it: evidence, and no clue."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from shared.contracts.household import HouseholdRegistered
from shared.documents import DOCX, PDF
from shared.keys import uuid7
from tests.documents import words_of, words_of_docx
from tests.services.monitoring.comparing import Department, as_csv, number
from tests.services.monitoring.conftest import COUNTY, OTHER_TOWN, Scene, household, numbered
from tests.services.monitoring.journey import monitored
from tests.services.monitoring.test_comparison_batches import withdrawn
from tests.services.monitoring.test_rehoming import belongs_elsewhere

WANG, LI = number(751), number(752)


@pytest.fixture
async def home(scene: Scene) -> HouseholdRegistered:
    """A household of two."""
    return await scene.known(household(members=(numbered("王建国", WANG), numbered("李秀英", LI))))


@pytest.fixture
async def department(scene: Scene) -> Department:
    """The office of medical insurance."""
    return Department(scene.service, await scene.service.caller("department", COUNTY, subject="yibao"))


def expenses(*rows: tuple[str, str, int]) -> bytes:
    return as_csv([[name, written, str(yuan), "住院"] for name, written, yuan in rows])


async def confirmed(caller: httpx.AsyncClient, thing: str, **query: Any) -> list[dict[str, Any]]:
    answer = await caller.get(f"{thing}/confirmations", params=query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def clues(scene: Scene) -> list[str]:
    return [each["id"] for each in (await scene.county.get("/clues")).json()["items"]]


async def test_what_is_watched_already_is_evidence_with_the_object_and_no_clue(
    department: Department, scene: Scene, home: HouseholdRegistered
) -> None:
    thing = await monitored(scene, home.id)
    before = await clues(scene)
    assert await confirmed(scene.village, thing) == []
    batch = await department.send(expenses(("王建国", WANG, 20_000), ("李秀英", LI, 100)))
    (shown,) = await confirmed(scene.village, thing)
    assert (shown["comparison_id"], shown["period"]) == (batch["id"], "2021-05")
    assert (shown["dataset"], shown["department"], shown["person_name"]) == (
        "medical_expense",
        "医保",
        "王建国",
    )
    assert (shown["rule"], shown["risk_type"], shown["inputs"]["self_paid"]) == (
        "medical_year",
        "illness",
        20_000,
    )
    assert shown["why"]["zh"]["reasons"] == ["本年累计个人自付：20,000.00 元，超过15,000.00 元"]
    assert shown["why"]["en"]["rule"] == "Medical expense of the year"
    assert await clues(scene) == before, "nobody has to look into what is known"


@pytest.mark.parametrize("form", [DOCX, PDF])
async def test_the_archive_shows_what_departments_confirmed(
    department: Department, scene: Scene, home: HouseholdRegistered, form: str
) -> None:
    thing = await monitored(scene, home.id)
    assert "尚无部门数据佐证" in await printed(scene, thing, form)
    await department.send(expenses(("王建国", WANG, 20_000)))
    (shown,) = (await scene.county.get(f"{thing}/archive")).json()["confirmations"]
    assert (shown["person_name"], shown["rule"]) == ("王建国", "medical_year")
    words = await printed(scene, thing, form)
    assert "四、部门数据佐证" in words
    assert "五、完整性检查" in words
    assert "本年累计个人自付：20,000.00元，超过15,000.00元" in words
    assert "尚无部门数据佐证" not in words


async def printed(scene: Scene, thing: str, form: str) -> str:
    """Return the words of an archive, without spaces."""
    answer = await scene.county.get(f"{thing}/archive", headers={"Accept": form})
    assert answer.status_code == 200, answer.text
    return "".join((words_of if form == PDF else words_of_docx)(answer.content).split())


async def test_news_of_another_risk_is_a_clue_and_no_confirmation(
    department: Department, scene: Scene, home: HouseholdRegistered
) -> None:
    thing = await monitored(scene, home.id)
    before = await clues(scene)
    department.dataset = "dropout"
    await department.send(as_csv([["王建国", WANG, "缺课"]], headers=["姓名", "身份证号", "情况说明"]))
    assert await confirmed(scene.village, thing) == []
    assert len(await clues(scene)) == len(before) + 1


async def test_what_a_batch_says_no_more_confirms_nothing(
    department: Department, scene: Scene, home: HouseholdRegistered
) -> None:
    thing = await monitored(scene, home.id)
    await department.send(expenses(("王建国", WANG, 20_000), ("李秀英", LI, 20_000)))
    assert len(await confirmed(scene.village, thing)) == 2
    batch = await department.send(expenses(("王建国", WANG, 30_000)))
    (left,) = await confirmed(scene.village, thing)
    assert (left["comparison_id"], left["inputs"]["self_paid"]) == (batch["id"], 30_000)
    await withdrawn(department, batch)
    assert await confirmed(scene.village, thing) == []


async def test_confirmations_come_page_by_page_and_go_along_with_the_household(
    department: Department, scene: Scene, home: HouseholdRegistered
) -> None:
    thing = await monitored(scene, home.id)
    await department.send(expenses(("王建国", WANG, 20_000), ("李秀英", LI, 20_000)))
    first = (await scene.village.get(f"{thing}/confirmations", params={"limit": 1})).json()
    rest = await confirmed(scene.village, thing, cursor=first["next"])
    assert {each["person_name"] for each in first["items"] + rest} == {"王建国", "李秀英"}
    there = await scene.service.caller("town_officer", OTHER_TOWN)
    assert (await there.get(f"{thing}/confirmations")).status_code == 404
    await belongs_elsewhere(scene, home)
    assert len(await confirmed(there, thing)) == 2
    assert (await scene.village.get(f"{thing}/confirmations")).status_code == 404
    assert (await scene.county.get(f"/monitored/{uuid7()}/confirmations")).status_code == 404
