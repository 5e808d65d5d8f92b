"""The archive of a monitored object: all that was done, in order, and what is missing."""

from __future__ import annotations

from collections import Counter
from typing import Any

from structlog.testing import capture_logs

from shared.documents import DOCX, PDF
from shared.keys import uuid7
from tests.clients import ServiceUnderTest
from tests.documents import words_of
from tests.services.monitoring import forms
from tests.services.monitoring.applying import applied
from tests.services.monitoring.conftest import (
    COUNTY,
    NUMBER,
    OTHER_TOWN,
    TOWN,
    Scene,
    household,
    move,
    numbered,
)
from tests.services.monitoring.filing import (
    WAY,
    archive_of,
    filed,
    freed,
    helped,
    identified,
    papers,
    send,
)
from tests.services.monitoring.journey import eliminated, monitored, open_case, walk
from tests.services.monitoring.test_rehoming import belongs_elsewhere


async def test_everything_stands_there_in_order_and_nothing_is_missing(scene: Scene) -> None:
    known, thing = await filed(scene)
    shown = await archive_of(scene.county, thing)
    assert [step["kind"] for step in shown["steps"]] == WAY
    assert (shown["complete"], shown["missing"]) == (True, [])
    assert shown["place"] == ["濉溪县", "濉溪镇", "八里村"]
    by_kind = {step["kind"]: step for step in shown["steps"]}
    assert by_kind["deliberation"]["content"]["minutes"] == "一致同意纳入"
    assert by_kind["county_approval"]["by"] == "county-1"
    assert by_kind["household_check"]["content"]["judgement"]["version"] == "2021-05"
    members = by_kind["household_check"]["household"]["members"]
    assert [member["name"] for member in members] == [member.name for member in known.members]
    assert by_kind["measure_progress"]["content"]["progress"] == "已提交申请"
    assert by_kind["clue"]["content"]["told"][0]["facts"] == "务工企业停产"
    paper = by_kind["consent"]["papers"][0]
    assert (paper["kind"], paper["state"], len(paper["digest"])) == ("signature", "arrived", 64)
    content = await scene.town.get(f"/papers/{paper['id']}/content")
    assert (content.status_code, content.headers["etag"]) == (200, f'"{paper["digest"]}"')


async def test_what_is_missing_is_listed_with_its_limit_and_what_to_file_it_with(scene: Scene) -> None:
    known = await scene.known(household())
    thing = await monitored(scene, known.id)
    shown = await archive_of(scene.village, thing)
    missing = {each["code"]: each for each in shown["missing"]}
    assert list(missing) == [
        *("consent_signed", "check_form", "check_photo", "minutes", "publicity_photo"),
        *("review_signed", "joint_minutes", "approval_signed", "announcement_photo"),
        *("contact", "plan", "measure"),
    ]
    assert (missing["measure"]["risk_type"], missing["measure"]["due_on"]) == ("illness", "2021-06-28")
    assert (missing["contact"]["due_on"], missing["contact"]["overdue"]) == ("2021-06-21", False)
    assert missing["consent_signed"]["zh"] == "申请及承诺授权书（签字）"
    scene.go_to(2021, 6, 25)
    late = {each["code"] for each in (await archive_of(scene.village, thing))["missing"] if each["overdue"]}
    assert late == {"contact"}
    words = words_of((await scene.village.get(f"{thing}/archive", headers={"Accept": PDF})).content)
    assert "尚缺12项" in words
    assert "2021-06-21（已逾期）" in words


async def test_a_paper_that_was_missing_is_filed_later_and_awaited_until_it_arrives(scene: Scene) -> None:
    known = await scene.known(household())
    thing = await monitored(scene, known.id)

    async def signature() -> dict[str, Any] | None:
        missing = (await archive_of(scene.village, thing))["missing"]
        return next((each for each in missing if each["code"] == "consent_signed"), None)

    gap, key = await signature(), str(uuid7())
    assert gap is not None
    assert gap["state"] == "missing"
    late = {"of_id": gap["of_id"], "papers": [key]}
    for _ in range(2):
        assert (await scene.village.post(f"{thing}/archive/papers", json=late)).status_code == 204
    awaited = await signature()
    assert awaited is not None
    assert awaited["state"] == "awaited"
    (step,) = [
        each for each in (await archive_of(scene.village, thing))["steps"] if each["kind"] == "consent"
    ]
    assert [(paper["state"], paper["filed_by"]) for paper in step["papers"]] == [("awaited", "village-1")]
    assert [each["attachment_id"] for each in (await scene.town.get("/papers/awaited")).json()["items"]] == [
        key
    ]
    await send(scene.village, known.id, "signature", key)
    assert await signature() is None
    nowhere = await scene.village.post(f"{thing}/archive/papers", json=late | {"of_id": str(uuid7())})
    assert (nowhere.status_code, nowhere.json()["code"]) == (422, "no_such_step")


async def test_a_finished_object_that_was_helped_needs_nothing_more(scene: Scene) -> None:
    known = await scene.known(household())
    thing = await identified(scene, known)
    await helped(scene, known, thing)
    assert (await archive_of(scene.village, thing))["complete"] is True
    await freed(scene, known, thing)
    assert (await archive_of(scene.village, thing))["complete"] is True


async def test_what_was_returned_or_done_again_stays_and_is_asked_for_nothing(scene: Scene) -> None:
    known = await scene.known(household())
    case = await open_case(scene, known.id)
    await walk(scene, case, until="data-check")
    await move(scene.town, f"{case}/return", {"to_step": "household_check", "reason": "收入核算有误"})
    await move(scene.village, f"{case}/household-check", forms.CHECK)
    for step, who, form in (
        ("data-check", scene.county, forms.DATA_CHECK),
        ("deliberation", scene.village, forms.DELIBERATION),
    ):
        await move(who, f"{case}/{step}", form)
    today = str(scene.service.clock.moment.date())
    scene.go_to(2021, 6, 14)
    await move(
        scene.village,
        f"{case}/publicity",
        forms.PUBLICITY | {"from_on": today, "until_on": "2021-06-14"},
    )
    await move(scene.town, f"{case}/town-review", forms.REVIEW)
    await move(scene.convener, f"{case}/joint-check", forms.JOINT_CHECK)
    approved = await move(scene.county, f"{case}/county-approval", forms.APPROVAL)
    shown = await archive_of(scene.county, f"/monitored/{approved['monitored_id']}")
    steps = [(step["kind"], step["holds"]) for step in shown["steps"]]
    assert steps[2:6] == [
        ("consent", True),
        ("household_check", False),
        ("return", False),
        ("household_check", True),
    ]
    missing = Counter(each["code"] for each in shown["missing"])
    assert (missing["check_form"], missing["announcement"]) == (1, 1)


async def test_where_two_approve_both_are_told_and_both_sign(scene: Scene) -> None:
    known = await scene.known(household())
    case = await open_case(scene, known.id)
    await walk(scene, case, until="county-approval", changed={"deliberation": forms.DELIBERATION_WITH_KIN})
    await move(scene.county, f"{case}/county-approval", forms.APPROVAL)
    approved = await move(scene.other_county, f"{case}/county-approval", forms.APPROVAL)
    shown = await archive_of(scene.county, f"/monitored/{approved['monitored_id']}")
    approvals = [step for step in shown["steps"] if step["kind"] == "county_approval"]
    assert [(step["by"], step["holds"]) for step in approvals] == [("county-1", True), ("county-2", True)]
    assert Counter(each["code"] for each in shown["missing"])["approval_signed"] == 2


async def test_an_elimination_that_was_sent_back_is_told_and_asked_for_nothing(scene: Scene) -> None:
    known = await scene.known(household())
    thing = await monitored(scene, known.id)
    await eliminated(scene, thing)
    shown = await archive_of(scene.county, thing)
    codes = {each["code"] for each in shown["missing"]}
    assert {"elimination_form", "elimination_minutes", "elimination_signed", "measure_shown"} <= codes
    assert not codes & {"contact", "plan", "measure"}, (
        "a household that is helped no more is owed nothing new"
    )
    other = await scene.known(household(number="3406211002010002"))
    scene.go_to(2021, 6, 10)
    second = await monitored(scene, other.id)
    scene.go_to(2021, 12, 20)
    await move(scene.village, f"{second}/elimination", forms.STABLE | {"how": "by_itself"})
    await move(scene.town, f"{second}/elimination/return", {"reason": "成效材料不足"})
    shown = await archive_of(scene.county, second)
    assert [step["kind"] for step in shown["steps"]][-2:] == ["elimination_proposed", "elimination_returned"]
    assert "elimination_form" not in {each["code"] for each in shown["missing"]}


async def test_a_clue_that_was_dismissed_is_part_of_it_and_so_is_an_application(scene: Scene) -> None:
    known = await scene.known(household(members=(numbered(labour="ordinary"),)))
    await applied(await scene.service.caller("public", "000000000000"), risk_type="disaster")
    (clue,) = (await scene.village.get("/clues")).json()["items"]
    await move(scene.village, f"/clues/{clue['id']}/dismissal", {"reason": "房屋完好，未受灾"})
    await move(scene.town, f"/clues/{clue['id']}/dismissal/confirmation")
    thing = await monitored(scene, known.id)
    supervisor = await scene.service.caller("supervisor", TOWN)
    with capture_logs() as logs:
        masked = await archive_of(supervisor, thing)
        assert [log for log in logs if log["event"] == "pii.read"] == []
        clear = await archive_of(scene.village, thing)
    assert [step["kind"] for step in masked["steps"]][:3] == ["application", "clue", "clue_dismissed"]
    assert masked["steps"][2]["content"]["dismissal_by_name"] == "village-1"
    assert masked["steps"][0]["content"]["identity_number"] != NUMBER
    assert clear["steps"][0]["content"]["identity_number"] == NUMBER
    assert len([log for log in logs if log["event"] == "pii.read"]) == 1


async def test_nobody_reads_or_files_beyond_their_area_and_scopes(scene: Scene) -> None:
    known = await scene.known(household())
    thing = await monitored(scene, known.id)
    there = await scene.service.caller("town_officer", OTHER_TOWN)
    late = {"of_id": str(uuid7()), "papers": [str(uuid7())]}
    for form in ("application/json", DOCX, PDF):
        assert (await there.get(f"{thing}/archive", headers={"Accept": form})).status_code == 404
        # The province follows objects and does not read families' files.
        assert (await scene.province.get(f"{thing}/archive", headers={"Accept": form})).status_code == 403
    assert (await there.post(f"{thing}/archive/papers", json=late)).status_code == 404
    supervisor = await scene.service.caller("supervisor", COUNTY)
    assert (await supervisor.get(f"{thing}/archive")).status_code == 200
    assert (await supervisor.post(f"{thing}/archive/papers", json=late)).status_code == 403
    (paper,) = await papers(scene, known.id, "photo")
    assert (await there.get(f"/papers/{paper}/content")).status_code == 404
    assert (await there.get("/papers", params={"household_id": str(known.id)})).json()["items"] == []


async def test_however_long_the_story_it_is_drawn_up_in_as_many_statements(scene: Scene) -> None:
    _, thing = await filed(scene)
    short = await scene.known(household(number="3406211002010002"))
    scene.go_to(2021, 6, 10)
    other = await monitored(scene, short.id)
    counted = []
    for address in (thing, other):
        async with scene.service.statements() as sent:
            await archive_of(scene.county, address)
        counted.append(len(sent))
    assert counted[0] == counted[1] <= 22


async def test_papers_and_lines_go_along_when_a_household_belongs_to_another_village(
    monitoring: ServiceUnderTest, scene: Scene
) -> None:
    known, thing = await filed(scene)
    before = await archive_of(scene.county, thing)
    await belongs_elsewhere(scene, known)
    there = await monitoring.caller("town_officer", OTHER_TOWN)
    now = await archive_of(there, thing)
    assert [step["kind"] for step in now["steps"]] == WAY
    assert [step["papers"] for step in now["steps"]] == [step["papers"] for step in before["steps"]]
    assert (await scene.town.get("/papers")).json()["items"] == []
    assert len((await there.get("/papers?limit=200")).json()["items"]) == 18
