"""What departments' rows say otherwise than the registry: proposed once, decided there, and shown with the batch."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from services.monitoring.comparisons import job, proposing
from services.monitoring.comparisons.review import run_review
from services.monitoring.datasets.catalog import datasets
from services.monitoring.replicas.model import HouseholdReplica, PersonReplica
from shared.contracts.household import (
    CorrectionDecision,
    CorrectionsDecided,
    HouseholdChanged,
    HouseholdRegistered,
)
from tests.clients import outbox_of
from tests.services.monitoring.comparing import Department, as_csv, number
from tests.services.monitoring.conftest import COUNTY, VILLAGE, Scene, household, numbered
from tests.services.monitoring.test_rehoming import belongs_elsewhere

WANG, LI, GONE = number(601), number(602), number(603)
CARD = ["姓名", "身份证号", "残疾类别", "残疾等级", "发证日期"]
DEATH = ["姓名", "身份证号", "死亡日期"]
SUPPORT = ["姓名", "身份证号", "变动类型", "变动日期"]


@pytest.fixture
async def family(scene: Scene) -> HouseholdRegistered:
    return await scene.known(
        household(
            members=(
                numbered("王建国", WANG, disability_kind="4"),
                numbered("李秀英", LI),
                numbered("王老", GONE, left_on="2021-01-01", leave_reason="death"),
            )
        )
    )


@pytest.fixture
async def department(scene: Scene, family: HouseholdRegistered) -> Department:
    assert family.members
    client = await scene.service.caller("department", COUNTY, subject="canlian")
    return Department(scene.service, client, "disability")


def cards(*rows: tuple[str, ...]) -> bytes:
    return as_csv(rows, headers=CARD)


async def proposed(department: Department) -> list[dict[str, Any]]:
    """What the registry was told, in order."""
    told = await outbox_of(department.service)
    return [each["data"] for each in told if each["type"] == "monitoring.corrections_proposed.v1"]


async def facts(department: Department) -> list[tuple[Any, ...]]:
    """Field, known and found of all that was told."""
    told = [each for event in await proposed(department) for each in event["corrections"]]
    return sorted(((each["field"], each["known"], each["found"]) for each in told), key=str)


async def shown(scene: Scene, batch: dict[str, Any], **query: Any) -> list[dict[str, Any]]:
    answer = await scene.county.get(f"/comparisons/{batch['id']}/corrections", params=query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def answered(
    event: dict[str, Any], status: str, reason: str, *, version: int = 1, **more: Any
) -> CorrectionsDecided:
    """What the registry would say to all of an event."""
    return CorrectionsDecided(
        id=event["id"],
        division_code=event["division_code"],
        version=version,
        household_id=event["household_id"],
        source="comparison",
        decisions=tuple(
            CorrectionDecision(id=each["id"], status=status, reason=reason, version=version, **more)
            for each in event["corrections"]
        ),
    )


def test_every_dataset_speaks_of_facts_that_are_known_of_households_and_people() -> None:
    known = {"household": HouseholdReplica.model_fields, "member": PersonReplica.model_fields}
    for dataset in datasets().values():
        fields = {column.field for column in dataset.columns}
        for each in dataset.corrects:
            assert each.field in known[each.of], dataset.code
            assert ({each.column} - {None}) | set(each.when) <= fields, dataset.code
            assert each.column is None or each.value is None, dataset.code
            assert each.column or each.value is not None or each.when, "whoever says nothing clears nothing"
        if dataset.departs:
            assert "happened_on" in fields, dataset.code


async def test_what_a_row_says_otherwise_is_proposed_and_what_is_known_already_is_not(
    department: Department, family: HouseholdRegistered
) -> None:
    batch = await department.send(
        cards(
            ("王建国", WANG, "肢体残疾", "二级", "2021-05-06"),
            ("李秀英", LI, "视力", "一级", "2021-05-07"),
            ("王老", GONE, "视力", "一级", "2021-05-07"),
            ("别人", number(999), "视力", "一级", "2021-05-07"),
        )
    )
    (event,) = await proposed(department)
    wang, li, _ = family.members
    assert {name: event[name] for name in ("id", "household_id", "division_code", "dataset", "period")} == {
        "id": batch["id"],
        "household_id": str(family.id),
        "division_code": VILLAGE,
        "dataset": "disability",
        "period": "2021-05",
    }
    assert (event["department"], event["proposed_by"]) == ("canlian", "canlian")
    found = {(each["member_id"], each["field"]): each for each in event["corrections"]}
    assert {key: (each["known"], each["found"], each["happened_on"]) for key, each in found.items()} == {
        (str(wang.id), "disability_grade"): (None, "2", "2021-05-06"),
        (str(li.id), "disability_kind"): (None, "1", "2021-05-07"),
        (str(li.id), "disability_grade"): (None, "1", "2021-05-07"),
    }


async def test_the_newest_of_several_rows_about_a_fact_counts(department: Department) -> None:
    department.dataset = "minimum_living"
    rows = [
        ("王建国", WANG, "停止", "2021-05-20"),
        ("王建国", WANG, "新增", "2021-05-02"),
        ("李秀英", LI, "新增", "2021-05-25"),
    ]
    await department.send(as_csv(rows, headers=SUPPORT))
    assert await facts(department) == [("minimum_living", False, True)]
    assert (await proposed(department))[0]["corrections"][0]["member_id"] is None
    # What has ended is as the registry has it: nobody of the household has support.
    await department.send(as_csv([("李秀英", LI, "停止", "2021-06-01")], headers=SUPPORT), "2021-06")
    assert len(await facts(department)) == 1


async def test_who_has_died_is_proposed_with_the_day_and_who_has_left_is_not(
    department: Department, family: HouseholdRegistered
) -> None:
    department.dataset = "death"
    dead = [("李秀英", LI, "2021-05-20"), ("王老", GONE, "2021-01-01")]
    await department.send(as_csv(dead, headers=DEATH))
    (event,) = await proposed(department)
    (death,) = event["corrections"]
    assert (death["member_id"], death["field"], death["known"], death["found"], death["happened_on"]) == (
        str(family.members[1].id),
        "leave_reason",
        None,
        "death",
        "2021-05-20",
    )


async def test_a_corrected_batch_tells_nothing_twice_and_takes_over_what_it_says_again(
    department: Department, scene: Scene
) -> None:
    wang = ("王建国", WANG, "肢体残疾", "二级", "2021-05-06")
    first = await department.send(cards(wang, ("李秀英", LI, "视力", "一级", "2021-05-07")))
    (event,) = await proposed(department)
    await scene.service.tell(answered(event, "refused", "decided_by_person", note="查无此证"))
    corrected = await department.send(cards(wang, ("李秀英", LI, "视力", "二级", "2021-05-07")))
    assert len(await proposed(department)) == 2
    assert (await facts(department)).count(("disability_grade", None, "2")) == 2, "王's once, 李's once"
    assert (await facts(department)).count(("disability_kind", None, "1")) == 1
    assert [each["found"] for each in await shown(scene, first)] == ["1"]
    assert sorted(each["status"] for each in await shown(scene, corrected)) == [
        "proposed",
        "refused",
        "refused",
    ]
    # Sent again as it was, nothing is told at all: all of it was said before.
    again = await department.send(cards(wang, ("李秀英", LI, "视力", "一级", "2021-05-07")))
    assert len(await proposed(department)) == 2
    assert len(await shown(scene, again)) == 3


async def test_the_next_month_waits_for_what_is_not_decided_and_repeats_what_was_refused(
    department: Department, scene: Scene
) -> None:
    card = cards(("李秀英", LI, "视力", "", "2021-05-07"), ("王建国", WANG, "肢体残疾", "二级", "2021-05-06"))
    await department.send(card, "2021-04")
    (event,) = await proposed(department)
    await scene.service.tell(answered(event, "waiting", "needs_proof"))
    await department.send(card, "2021-05")
    assert len(await proposed(department)) == 1
    await scene.service.tell(answered(event, "refused", "decided_by_person", version=2))
    await department.send(card, "2021-06")
    assert len(await proposed(department)) == 2


@pytest.mark.parametrize("crash_after", ["find_contradictions", "tell_contradictions"])
async def test_a_comparison_that_is_killed_tells_each_contradiction_once(
    department: Department, monkeypatch: pytest.MonkeyPatch, crash_after: str
) -> None:
    monkeypatch.setattr(proposing, "_AT_ONCE", 2)
    stage = getattr(job, crash_after)

    class KilledError(Exception):
        pass

    async def killed(*args: Any, **more: Any) -> None:
        await stage(*args, **more)
        raise KilledError

    async def killed_behind(*args: Any, **more: Any) -> int:
        """Be killed once a transaction has told some, and before the next one."""
        if await proposed(department):
            raise KilledError
        return int(await stage(*args, **more))

    taken = await department.take(
        cards(("王建国", WANG, "视力", "二级", ""), ("李秀英", LI, "视力", "一级", "2021-05-07"))
    )
    for kill in (killed, killed_behind) if crash_after == "tell_contradictions" else (killed,):
        with monkeypatch.context() as patch:
            patch.setattr(job, crash_after, kill)
            with pytest.raises(KilledError):
                await department.work(taken)
    await department.work(taken)
    await department.work(taken)
    assert await facts(department) == [
        ("disability_grade", None, "1"),
        ("disability_grade", None, "2"),
        ("disability_kind", "4", "1"),
        ("disability_kind", None, "1"),
    ]
    assert [len(each["corrections"]) for each in await proposed(department)] == [2, 2]


async def test_a_batch_shows_what_became_of_its_proposals_and_a_department_how_many(
    department: Department, scene: Scene
) -> None:
    batch = await department.send(cards(("李秀英", LI, "视力", "一级", "2021-05-07")))
    (event,) = await proposed(department)
    await scene.service.tell(
        answered(event, "accepted", "certified", version=2, decided_by="系统（household）"),
        # An older decision comes later; and one on a visit's correction is none of ours.
        answered(event, "waiting", "needs_proof"),
        answered(event, "refused", "already_so", version=9).model_copy(update={"source": "visit"}),
    )
    found = await shown(scene, batch)
    assert {(each["name"], each["field"], each["status"], each["reason"]) for each in found} == {
        ("李秀英", "disability_kind", "accepted", "certified"),
        ("李秀英", "disability_grade", "accepted", "certified"),
    }
    assert await shown(scene, batch, status="refused") == []
    assert (await scene.county.get(f"/comparisons/{batch['id']}/corrections?status=no")).status_code == 422
    (first,) = await shown(scene, batch, limit=1)
    assert first["id"] == min(each["id"] for each in found)
    for caller in (scene.county, department.client):
        counted = (await caller.get(f"/comparisons/{batch['id']}/reconciliation")).json()
        assert counted["corrections_by_status"] == {"accepted": 2}
    own = await department.client.get(f"/comparisons/{batch['id']}/corrections")
    assert (own.status_code, own.json()["code"]) == (403, "forbidden")
    elsewhere = await scene.service.caller("town_officer", "340621101000")
    assert (await elsewhere.get(f"/comparisons/{batch['id']}/corrections")).json().get("items", []) == []
    assert (await scene.county.get(f"/comparisons/{UUID(int=1)}/corrections")).status_code == 404


async def test_proposals_go_along_with_their_household(
    department: Department, scene: Scene, family: HouseholdRegistered
) -> None:
    batch = await department.send(cards(("李秀英", LI, "视力", "一级", "2021-05-07")))
    await belongs_elsewhere(scene, family)
    assert {each["division_code"] for each in await shown(scene, batch)} == {"340621101201"}


async def test_a_batch_that_is_only_checked_proposes_nothing(department: Department) -> None:
    await department.send(cards(("李秀英", LI, "视力", "一级", "2021-05-07")), mode="validate")
    assert await proposed(department) == []


async def test_a_row_that_is_likely_about_somebody_proposes_once_a_person_says_so(
    department: Department, scene: Scene, family: HouseholdRegistered
) -> None:
    headed = family.model_dump() | {"version": 2}
    headed["members"] = tuple(
        each | {"relationship": "head" if each["name"] == "王建国" else "other"} for each in headed["members"]
    )
    await scene.service.tell(HouseholdChanged(**headed))
    department.dataset = "unsafe_housing"
    house = [("王建国", "八里村", "C级")]
    batch = await department.send(as_csv(house, headers=["姓名", "所在村", "鉴定等级"]), "2021-Q2")
    assert (batch["probable"], await proposed(department)) == (1, [])
    (row,) = await department.listed(batch, "results")
    answer = await scene.county.post(f"/comparisons/{batch['id']}/results/{row['line']}/confirmation")
    assert answer.status_code == 200, answer.text
    await run_review(await department.run_named("monitoring.comparison_review"))
    await run_review(await department.run_named("monitoring.comparison_review"))
    assert await facts(department) == [("housing_grade", None, "C")]
