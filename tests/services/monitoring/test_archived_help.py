"""What else an archive tells of: visits, loans and posts."""

from __future__ import annotations

from datetime import date

from shared.documents import PDF
from shared.keys import uuid7
from tests.documents import words_of
from tests.services.monitoring import forms
from tests.services.monitoring.conftest import Scene, household, member, move
from tests.services.monitoring.filing import archive_of, papers
from tests.services.monitoring.journey import eliminated, monitored
from tests.services.monitoring.test_credits import USE, granted
from tests.services.monitoring.test_posts import appointed
from tests.services.monitoring.visiting import VISIT, lifted, visited


async def test_each_visit_while_under_watch_stands_there_with_what_became_of_its_difficulties(
    scene: Scene,
) -> None:
    known = await scene.known(lifted())
    before = await scene.village.post("/follow-ups", json=VISIT | {"household_id": str(known.id)})
    assert before.status_code == 201
    thing = await monitored(scene, known.id)
    scene.go_to(2021, 7, 1)
    (photo, receipt) = await papers(scene, known.id, "photo", "document")
    form = {
        "way": "phone",
        "away": "在苏州务工",
        "found": "透析正常",
        "difficulties": [{"facts": "屋顶漏雨", "solve_by": "2021-07-31"}],
        "signals": [{"risk_type": "job_instability", "facts": "企业停产"}],
        "papers": [photo],
    }
    entered = await scene.village.post(f"{thing}/follow-ups", json=form)
    solved = {"difficulty": 1, "how": "已修缮", "papers": [receipt]}
    await move(scene.village, f"{entered.headers['location']}/solution", solved)
    scene.go_to(2021, 7, 5)
    await scene.service.tell(visited(known, date(2021, 7, 4)))
    shown = await archive_of(scene.county, thing)
    first, second = (step for step in shown["steps"] if step["kind"] == "follow_up")
    assert (first["on"], first["by"], second["on"], second["by"]) == (
        *("2021-07-01", "village-1"),
        *("2021-07-04", "张强"),
    )
    solution = {"facts": "屋顶漏雨", "solve_by": "2021-07-31", "solved_on": "2021-07-01", "how": "已修缮"}
    assert first["content"]["difficulties"] == [solution]
    assert [paper["id"] for paper in first["papers"]] == [photo, receipt]
    late = {"of_id": first["of_id"], "papers": [str(uuid7())]}
    assert (await scene.village.post(f"{thing}/archive/papers", json=late)).status_code == 204
    words = words_of((await scene.county.get(f"{thing}/archive", headers={"Accept": PDF})).content)
    for said in ("走访方式电话联系", "外出情况在苏州务工", "解决办法：已修缮", "情况：企业停产"):
        assert said in words, said


async def test_a_loan_and_a_post_stand_there_with_their_papers(scene: Scene) -> None:
    worker = member("李秀英", "1965-03-01", relationship="head", labour="weak")
    known = await scene.known(lifted(members=(worker,)))
    contract, invoice, agreement, letter = await papers(scene, known.id, *["document"] * 4)
    loan = await granted(scene, known, papers=[contract])
    await move(scene.village, f"{loan}/use", USE | {"papers": [invoice]})
    post = await appointed(scene, known, papers=[agreement])
    await move(scene.county, f"{post}/end", {"reason": "身体不适", "papers": [letter]})
    thing = await monitored(scene, known.id)
    shown = {step["kind"]: step for step in (await archive_of(scene.county, thing))["steps"]}
    filed_with = {
        kind: [paper["id"] for paper in shown[kind]["papers"]] for kind in ("credit", "public_post")
    }
    assert filed_with == {"credit": [contract, invoice], "public_post": [agreement, letter]}
    assert shown["credit"]["content"]["usage"] == USE | {"transferred_to": None, "dividends": False}
    words = words_of((await scene.county.get(f"{thing}/archive", headers={"Accept": PDF})).content)
    for said in (
        "使用人：农户自用",
        "说明：购牛两头，已入栏",
        "岗位类型保洁员",
        "终止原因身体不适",
        "家庭成员李秀英",
    ):
        assert said in words, said


async def test_what_helped_the_last_time_is_missing_when_the_risk_is_back(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    assert (await scene.village.post(f"{thing}/plans", json=forms.PLAN)).status_code == 201
    await eliminated(scene, thing)
    assert not {"plan", "measure"} & await missing(scene, thing)
    scene.go_to(2022, 5, 10)
    await move(scene.town, f"{thing}/retagging", {"risk_type": "illness", "cause": "复发"})
    await move(scene.county, f"{thing}/retagging/confirmation", forms.APPROVAL)
    assert {"plan", "measure"} <= await missing(scene, thing)
    anew = forms.PLAN | {"occasion": "病情复发"}
    assert (await scene.village.post(f"{thing}/plans", json=anew)).status_code == 201
    assert (await scene.village.post(f"{thing}/measures", json=forms.MEASURE)).status_code == 201
    assert not {"plan", "measure"} & await missing(scene, thing)


async def missing(scene: Scene, thing: str) -> set[str]:
    """Return the codes of what the archive lacks."""
    return {each["code"] for each in (await scene.county.get(f"{thing}/archive")).json()["missing"]}
