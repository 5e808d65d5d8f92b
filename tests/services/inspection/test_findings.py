"""The findings ledger through the API: the four lists, four eyes, dates, history, areas."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import httpx
import openpyxl
import pytest

from services.inspection.checklists.catalog import checklist_of
from services.inspection.checklists.model import OF_A_VISIT
from tests.clients import outbox_of
from tests.services.inspection.conftest import (
    COUNTY,
    OTHER_TOWN,
    OTHER_VILLAGE,
    VILLAGE,
    Scene,
    failed,
    household,
    on,
    visit,
)

PLAN = {"measures": "检修供水管网", "responsible_unit": "县水利局", "responsible_person": "周明"}
DONE = {"rectification": "已修复", "evidence": ["验收单"]}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def raised(scene: Scene, by: httpx.AsyncClient | None = None, **changes: Any) -> dict[str, Any]:
    """Raise a finding about a village."""
    draft = {
        "campaign_id": str(scene.campaign_id),
        "item": "A2-07",
        "division_code": VILLAGE,
        "facts": "光伏收益未公示",
        "source": "assessment",
    }
    answer = await (by or scene.village).post("/findings", json=draft | changes)
    assert answer.status_code == 201, answer.text
    finding: dict[str, Any] = answer.json()
    return finding


async def move(
    caller: httpx.AsyncClient, finding: dict[str, Any], name: str, body: dict[str, Any]
) -> httpx.Response:
    """Make a move on the version of the finding that the caller has read."""
    tag = {"If-Match": f'"{finding["version"]}"'}
    return await caller.post(f"/findings/{finding['id']}/{name}", json=body, headers=tag)


async def test_a_finding_goes_from_raising_to_closure(scene: Scene) -> None:
    finding = await raised(scene)
    assert (finding["status"], finding["object_name"], finding["deadline_on"]) == (
        "raised",
        "八里村",
        "2021-06-18",
    )
    for caller, name, body, status in (
        (scene.village, "plan", PLAN | {"deadline_on": "2021-06-20"}, "planned"),
        (scene.village, "rectification", DONE, "submitted"),
        (scene.town, "return", {"reason": "证据不足"}, "returned"),
        (scene.village, "rectification", DONE, "submitted"),
        (scene.town, "verification", {}, "closed"),
        (scene.town, "reopening", {"reason": "问题反弹"}, "reopened"),
    ):
        answer = await move(caller, finding, name, body)
        assert answer.status_code == 200, answer.text
        finding = answer.json()
        assert finding["status"] == status
        assert answer.headers["etag"] == f'"{finding["version"]}"'
    assert (finding["returned"], finding["reopened"], finding["closed_on"]) == (1, 1, None)
    told = [event for event in await outbox_of(scene.service) if "finding" in str(event["type"])]
    assert [event["sequence"] for event in told] == list(range(1, 8))
    assert told[5]["data"]["closed_on"] == "2021-06-10"


async def test_whoever_rectified_does_not_verify(scene: Scene) -> None:
    finding = await raised(scene, scene.town)
    for name, body in (("plan", PLAN), ("rectification", DONE)):
        finding = (await move(scene.town, finding, name, body)).json()
    refused = await move(scene.town, finding, "verification", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "same_person")
    assert (await move(scene.county, finding, "verification", {})).status_code == 200


async def test_a_village_officer_may_not_verify(scene: Scene) -> None:
    refused = await move(scene.village, await raised(scene), "verification", {})
    assert refused.json()["code"] == "forbidden"


async def test_of_two_who_read_the_same_version_one_is_told(scene: Scene) -> None:
    finding = await raised(scene)
    assert (await move(scene.village, finding, "plan", PLAN)).status_code == 200
    assert (await move(scene.town, finding, "plan", PLAN)).json()["code"] == "stale"
    unconditional = await scene.town.post(f"/findings/{finding['id']}/plan", json=PLAN)
    assert unconditional.status_code == 428


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"planned_on": "2021-06-11"}, "date_in_future", id="planned tomorrow"),
        pytest.param({"planned_on": "2021-06-08"}, "date_out_of_order", id="planned before it was raised"),
        pytest.param({"deadline_on": "2021-06-09"}, "date_out_of_order", id="due before it is planned"),
        pytest.param({"deadline_on": "2021-06-29"}, "deadline_after_campaign", id="due after the campaign"),
    ],
)
async def test_dates_that_cannot_be_are_refused(scene: Scene, changes: dict[str, str], code: str) -> None:
    refused = await move(scene.village, await raised(scene), "plan", PLAN | changes)
    assert (refused.status_code, refused.json()["code"]) == (422, code)


async def test_the_countys_deadline_caps_what_is_found_late(scene: Scene) -> None:
    scene.service.clock.moment = on(25)
    assert (await raised(scene))["deadline_on"] == "2021-06-28"


async def test_whoever_syncs_asks_for_what_changed_since(scene: Scene) -> None:
    first, second = await raised(scene), await raised(scene, facts="另一项")
    scene.service.clock.moment = on(12)
    await move(scene.village, first, "plan", PLAN)
    for since, expected in (
        ("2021-06-10T01:00:00Z", {first["id"], second["id"]}),
        ("2021-06-12T09:00:00+08:00", {first["id"]}),
        ("2021-06-12T01:00:01Z", set()),
    ):
        found = await scene.county.get("/findings", params={"updated_since": since})
        assert {each["id"] for each in found.json()["items"]} == expected, since


async def test_the_past_can_be_read(scene: Scene) -> None:
    finding = await raised(scene)
    scene.service.clock.moment = on(12)
    await move(scene.village, finding, "plan", PLAN)
    address = f"/findings/{finding['id']}"
    then = await scene.village.get(address, params={"as_of": "2021-06-11T00:00:00Z"})
    assert (then.json()["status"], then.json()["measures"]) == ("raised", None)
    assert (await scene.village.get(address)).json()["status"] == "planned"
    before = await scene.village.get(address, params={"as_of": "2021-06-01T00:00:00Z"})
    assert before.status_code == 404
    for bad in ("2021-06-11T00:00:00", "2021-06-11", "0001-01-01T00:00:00+14:00"):
        refused = await scene.village.get(address, params={"as_of": bad})
        assert refused.status_code == 422, f"{bad}: nobody knows of which place, or no such moment"
    story = (await scene.village.get(f"{address}/history")).json()["items"]
    assert [(change["kind"], change["by"]) for change in story] == [
        ("created", "village-1"),
        ("changed", "village-1"),
    ]
    assert story[1]["fields"]["status"] == ["raised", "planned"]


async def test_what_lies_outside_the_area_does_not_exist(scene: Scene) -> None:
    here = await raised(scene)
    stranger = await scene.service.caller("town_officer", OTHER_TOWN)
    assert (await stranger.get(f"/findings/{here['id']}")).status_code == 404
    assert (await move(stranger, here, "plan", PLAN)).status_code == 404
    assert (await stranger.get("/findings", params={"count": "exact"})).json()["total"] == 0
    assert (await stranger.get("/findings/ledger")).json()["items"] == []
    outside = {"division_code": VILLAGE, "campaign_id": str(scene.campaign_id), "item": "A2-07"}
    refused = await stranger.post("/findings", json=outside | {"facts": "有", "source": "complaint"})
    assert (refused.status_code, refused.json()["code"]) == (403, "outside_area")


async def test_the_ledger_shows_the_four_lists_in_three_statements(scene: Scene) -> None:
    finding = await raised(scene)
    await move(scene.village, finding, "plan", PLAN)
    await raised(scene, scene.county, division_code=COUNTY, item="A1-06", facts="机制不健全")
    scene.service.clock.moment = on(22)
    async with scene.service.statements() as sent:
        ledger = (await scene.county.get("/findings/ledger")).json()["items"]
    # The first of them sets the area.
    assert len(sent) <= 4, sent
    entry = next(each for each in ledger if each["id"] == finding["id"])
    assert entry["problem"]["item_zh"] == "光伏收益分配精准合规"
    assert (entry["problem"]["area"], entry["problem"]["division_name"]) == ("A2", "八里村")
    assert entry["measures"]["measures"] == PLAN["measures"]
    assert (entry["responsibility"]["unit"], entry["responsibility"]["person"]) == ("县水利局", "周明")
    assert (entry["deadline"]["overdue"], entry["deadline"]["days_overdue"]) == (True, 4)
    overdue = (await scene.county.get("/findings", params={"overdue": True, "area": ["A2", "A3"]})).json()[
        "items"
    ]
    assert [each["id"] for each in overdue] == [finding["id"]]


async def test_the_ledger_is_a_workbook_to_print(scene: Scene) -> None:
    await raised(scene, facts="=HYPERLINK(1)")
    await raised(scene)
    answer = await scene.county.get("/findings/ledger", headers={"Accept": XLSX})
    assert answer.headers["content-type"] == XLSX
    book = openpyxl.load_workbook(BytesIO(answer.content))
    assert book.sheetnames == ["问题台账", "问题清单", "措施清单", "责任清单", "时限清单"]
    for sheet in book:
        first = 4 if sheet.title == "问题台账" else 3
        headers = [cell.value for cell in sheet[first - 1]]
        assert (sheet.freeze_panes, sheet.max_row) == (f"C{first}", first + 1)
        assert sheet.auto_filter.ref.startswith(f"A{first - 1}:"), sheet.title
        assert sheet.print_title_rows == f"$1:${first - 1}"
        assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
        assert "问题台账（2021年6月10日）" in str(sheet["A1"].value)
        assert headers[:2] == ["序号", "状态"]
    ledger, problems = book["问题台账"], book["问题清单"]
    assert ledger["C2"].value == "问题清单"
    facts = problems.cell(3, [cell.value for cell in problems[2]].index("具体情况") + 1)
    assert (facts.value, facts.data_type) == ("=HYPERLINK(1)", "s")
    assert not list(scene.service.runtime.spool.iterdir())


async def test_an_empty_ledger_is_a_workbook_too(scene: Scene) -> None:
    answer = await scene.county.get("/findings/ledger", headers={"Accept": XLSX})
    assert answer.status_code == 200
    assert openpyxl.load_workbook(BytesIO(answer.content)).active is not None


async def test_one_plan_serves_many_findings(scene: Scene) -> None:
    here, there = household(), household(OTHER_VILLAGE)
    await scene.add(here, there)
    answers = {"answers": [failed("A1-04"), failed("A1-03")]}
    for each in (here, there):
        recorded = await scene.county.post(f"{scene.path}/visits", json=visit(each, **answers))
        assert recorded.status_code == 201
    request = {"campaign_id": str(scene.campaign_id), "division": VILLAGE, "items": ["A1-04"], "plan": PLAN}
    assert (await scene.county.post("/findings/batch-plan", json=request)).json() == {"planned": 1}
    assert (await scene.county.post("/findings/batch-plan", json=request)).json() == {"planned": 0}
    planned = (await scene.county.get("/findings", params={"status": "planned"})).json()["items"]
    assert [(each["item"], each["household_id"]) for each in planned] == [("A1-04", str(here.id))]
    assert (await outbox_of(scene.service))[-1]["type"] == "inspection.finding_planned.v1"
    assert planned[0]["version"] == 2


async def test_a_plan_for_none_in_particular_is_not_one_for_all(scene: Scene) -> None:
    await raised(scene)
    request = {"campaign_id": str(scene.campaign_id), "ids": [], "plan": PLAN}
    assert (await scene.county.post("/findings/batch-plan", json=request)).json() == {"planned": 0}
    assert (await scene.county.get("/findings?status=planned")).json()["items"] == []


async def test_a_plan_for_many_keeps_the_causes_that_are_known(scene: Scene) -> None:
    finding = await raised(scene)
    for by, name, body in (
        (scene.village, "plan", PLAN | {"root_cause": "管护责任不清"}),
        (scene.village, "rectification", DONE),
        (scene.town, "verification", {}),
        (scene.town, "reopening", {"reason": "又停水"}),
    ):
        finding = (await move(by, finding, name, body)).json()
    assert finding["status"] == "reopened", finding
    request = {"campaign_id": str(scene.campaign_id), "plan": PLAN | {"measures": "更换水泵"}}
    assert (await scene.county.post("/findings/batch-plan", json=request)).json() == {"planned": 1}
    shown = (await scene.county.get(f"/findings/{finding['id']}")).json()
    assert (shown["measures"], shown["root_cause"]) == ("更换水泵", "管护责任不清")


async def test_findings_are_planned_by_their_ids_with_causes_and_working_days(scene: Scene) -> None:
    one, other, third = [await raised(scene, facts=f"第{place}项") for place in range(3)]
    plan = PLAN | {"root_cause": "管护责任不清", "deadline_days": 4}
    request = {"campaign_id": str(scene.campaign_id), "ids": [one["id"], other["id"]], "plan": plan}
    assert (await scene.county.post("/findings/batch-plan", json=request)).json() == {"planned": 2}
    planned = (await scene.county.get("/findings?status=planned")).json()["items"]
    # Dragon Boat day and the weekend before it are no working days.
    assert {(each["root_cause"], each["deadline_on"]) for each in planned} == {("管护责任不清", "2021-06-17")}
    single = await move(scene.village, third, "plan", PLAN | {"deadline_days": 1})
    assert (single.json()["deadline_on"], single.json()["root_cause"]) == ("2021-06-11", None)
    both = await move(scene.village, third, "plan", plan | {"deadline_on": "2021-06-20"})
    assert both.status_code == 422
    late = await move(scene.village, single.json(), "plan", PLAN | {"deadline_days": 30})
    assert late.json()["code"] == "deadline_after_campaign"
    (entry,) = [
        each
        for each in (await scene.county.get("/findings/ledger")).json()["items"]
        if each["id"] == one["id"]
    ]
    assert entry["measures"]["root_cause"] == "管护责任不清"


async def test_every_item_can_be_raised_by_hand(scene: Scene) -> None:
    lifted = household()
    await scene.add(lifted)
    about_people: dict[str, Any] = {
        "household_id": str(lifted.id),
        "member_id": str(lifted.members[0].id),
        "division_code": None,
    }
    for item in checklist_of("2021").items.values():
        about = about_people if item.object in OF_A_VISIT else {}
        finding = await raised(scene, item=item.code, **about)
        assert (finding["item"], finding["object_kind"]) == (item.code, item.object)
        assert finding["division_code"] == VILLAGE
