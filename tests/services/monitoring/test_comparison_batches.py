"""A batch's life: checked only, sent in pages, corrected, withdrawn, kept no longer than needed, served in turn."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from services.monitoring.comparisons.withdrawal import run_withdrawal
from shared.identity.principal import system
from shared.jobs.definition import Interrupted
from shared.sheets import parts
from tests.clients import outbox_of
from tests.services.monitoring.comparing import Department, as_csv, figures, number
from tests.services.monitoring.conftest import COUNTY, Scene, household, numbered

PEOPLE = {
    number(400 + order): name for order, name in enumerate(["王建国", "李秀英", "赵一", "孙二", "周三"])
}
SICK = list(PEOPLE)


@pytest.fixture
async def department(scene: Scene) -> Department:
    await scene.known(
        *(household(members=(numbered(name, written),), destitute=True) for written, name in PEOPLE.items())
    )
    return Department(scene.service, await scene.service.caller("department", COUNTY, subject="yibao"))


def expenses(yuan: dict[str, int]) -> bytes:
    return as_csv(
        [[PEOPLE.get(written, "外地人"), written, str(paid), "住院"] for written, paid in yuan.items()]
    )


async def clues(scene: Scene) -> Counter[str]:
    """Count the clues by where they stand."""
    return Counter(each["status"] for each in (await scene.county.get("/clues")).json()["items"])


async def count(department: Department, table: str) -> int:
    async with department.service.database.reading(system("tests")) as db:
        return int(await db.scalar(text(f"SELECT count(*) FROM {table}")))  # noqa: S608 - ours


async def told(department: Department) -> Counter[str]:
    return Counter(each["type"] for each in await outbox_of(department.service))


async def test_a_batch_that_is_only_checked_leaves_figures_and_rejects(
    department: Department, scene: Scene
) -> None:
    content = expenses({SICK[0]: 90_000, number(999): 5}) + "王某,1,2,门诊\n".encode()
    checked = await department.send(content, mode="validate")
    assert (figures(checked), checked["mode"]) == ((3, 1, 0, 1, 1, 0), "validate")
    assert len(await department.listed(checked, "rejects")) == 1
    for who in (department.client, scene.county):
        for kind in ("application/json", "text/csv"):
            results = await who.get(f"/comparisons/{checked['id']}/results", headers={"Accept": kind})
            assert (results.status_code, results.json()["code"]) == (409, "comparison_only_validated")
    assert not await clues(scene)
    assert "monitoring.comparison_finished.v1" not in await told(department)
    # Whom the registry does not know yet it may know the next time.
    await scene.known(household(members=(numbered("外地人", number(999)),), destitute=True))
    assert figures(await department.send(content, mode="validate")) == (3, 2, 0, 0, 1, 0)
    # It is a wish of its own: the same file may be meant next.
    meant = await department.send(content)
    assert (meant["id"] != checked["id"], figures(meant)) == (True, (3, 2, 0, 0, 1, 1))


async def test_a_corrected_batch_makes_the_news_of_the_difference_only(
    department: Department, scene: Scene
) -> None:
    first = dict.fromkeys(SICK[:4], 2000)
    await department.send(expenses(first))
    before = await told(department)
    corrected = await department.send(expenses({**dict.fromkeys(SICK[1:4], 2000), SICK[4]: 3000}))
    assert await clues(scene) == {"received": 4, "dismissed": 1}
    news = await told(department) - before
    assert news == {
        # Of the batch that was corrected, too: its alerts are the new one's now.
        "monitoring.comparison_finished.v1": 2,
        "monitoring.clue_received.v1": 1,
        "monitoring.clue_settled.v1": 1,
    }
    assert (corrected["alerts"], corrected["clues_taken_back"], corrected["clues_kept"]) == (4, 1, 0)


async def test_what_was_settled_stays_when_a_correction_does_not_bear_it_out(
    department: Department, scene: Scene
) -> None:
    await department.send(expenses({SICK[0]: 2000}))
    (clue,) = (await scene.county.get("/clues")).json()["items"]
    shown = await scene.county.get(f"/clues/{clue['id']}")
    accepted = await scene.county.post(
        f"/clues/{clue['id']}/acceptance",
        json={"verdict": "属实"},
        headers={"If-Match": shown.headers["etag"]},
    )
    assert accepted.status_code == 201, accepted.text
    corrected = await department.send(expenses({SICK[0]: 20}))
    assert (corrected["clues_taken_back"], corrected["clues_kept"]) == (0, 1)
    assert await clues(scene) == {"verified_at_risk": 1}


async def test_what_others_told_too_stays_open(department: Department, scene: Scene) -> None:
    batch = await department.send(expenses({SICK[0]: 2000}))
    (clue,) = (await scene.county.get("/clues")).json()["items"]
    await scene.clue(clue["household_id"])
    await withdrawn(department, batch)
    (clue,) = (await scene.county.get("/clues")).json()["items"]
    assert clue["status"] == "received"


async def withdrawn(department: Department, batch: dict[str, Any], *, expect: int = 202) -> httpx.Response:
    shown = await department.client.get(f"/comparisons/{batch['id']}")
    answer = await department.client.post(
        f"/comparisons/{batch['id']}/withdrawal",
        json={"reason": "报错了"},
        headers={"If-Match": shown.headers["etag"]},
    )
    assert answer.status_code == expect, answer.text
    if expect == 202:
        job = {"job": answer.headers["location"].removeprefix("/jobs/")}
        await run_withdrawal(await department.run_of(job))
    return answer


async def test_a_withdrawn_batch_takes_its_clues_along_and_counts_no_more(
    department: Department, scene: Scene
) -> None:
    batch = await department.send(expenses({SICK[0]: 2000, SICK[1]: 900}), "2021-04")
    await withdrawn(department, batch)
    shown = await department.shown(batch)
    assert (shown["withdrawal_reason"], shown["clues_taken_back"], shown["alerts"]) == ("报错了", 1, 0)
    assert await clues(scene) == {"dismissed": 1}
    may = await department.send(expenses({SICK[1]: 200}), "2021-05")
    assert may["alerts"] == 0
    events = [each["data"] for each in await outbox_of(department.service) if "comparison" in each["type"]]
    assert events[1]["withdrawn_at"] is not None
    # Sent again it is a batch of its own, and warns again: of whom May has taken over the threshold with May's.
    again = await department.send(expenses({SICK[0]: 2000, SICK[1]: 900}), "2021-04")
    assert (again["id"] != batch["id"], again["alerts"]) == (True, 1)
    assert ((await department.shown(may))["alerts"], await clues(scene)) == (
        1,
        {"dismissed": 1, "received": 2},
    )


async def test_who_may_not_be_withdrawn_is_told_why(department: Department) -> None:
    waiting = await department.take(expenses({SICK[0]: 10}), "2021-01")
    checked = await department.send(expenses({SICK[0]: 10}), "2021-01", mode="validate")
    first = await department.send(expenses({SICK[0]: 10}), "2021-02")
    second = await department.send(expenses({SICK[0]: 20}), "2021-02")
    codes = [
        (await withdrawn(department, batch, expect=409)).json()["code"] for batch in (waiting, checked, first)
    ]
    assert codes == ["comparison_not_finished", "comparison_only_validated", "comparison_superseded"]
    async with department.service.database.writing(system("tests")) as db:
        await db.execute(text("DELETE FROM job WHERE state = 'queued'"))
    assert (await withdrawn(department, waiting, expect=409)).json()["code"] == "comparison_failed"
    stale = await department.client.post(
        f"/comparisons/{second['id']}/withdrawal", json={"reason": "x"}, headers={"If-Match": '"99"'}
    )
    assert stale.status_code == 412
    await withdrawn(department, second)
    assert (await withdrawn(department, second, expect=409)).json()["code"] == "comparison_withdrawn"


async def test_the_same_batch_posted_twice_at_once_is_one(department: Department, scene: Scene) -> None:
    content = expenses({SICK[0]: 2000})
    answers = await asyncio.gather(*(department.post(content) for _ in range(5)))
    assert len({answer.json()["job"] for answer in answers}) == 1
    await department.work(answers[0].json())
    assert await clues(scene) == {"received": 1}
    assert len(list(department.service.runtime.spool.iterdir())) == 0


async def test_that_there_is_nobody_is_told_by_a_header_alone_and_ends_what_was_told_before(
    department: Department, scene: Scene
) -> None:
    first = await department.send(expenses({SICK[0]: 90_000}))
    none = await department.send(expenses({}), nobody="true")
    assert (none["finished_at"] is not None, figures(none)) == (True, (0,) * 6)
    before = await department.shown(first)
    assert (before["superseded_by"], first["alerts"], before["alerts"]) == (none["id"], 1, 0)
    reconciled = (await department.client.get(f"/comparisons/{none['id']}/reconciliation")).json()
    assert (reconciled["towns"], reconciled["comparison"]["clues_taken_back"]) == ([], 1)
    assert await clues(scene) == {"dismissed": 1}
    # Sent again, it is what it was; and rows correct it.
    assert (await department.take(expenses({}), nobody="true"))["id"] == none["id"]
    assert figures(await department.send(expenses({SICK[0]: 90_000})))[-1] == 1


async def test_a_file_sent_again_while_another_waits_is_compared_after_it(department: Department) -> None:
    one, other = expenses({SICK[0]: 90_000}), expenses({SICK[1]: 90_000})
    first, second = await department.take(one), await department.take(other)
    third = await department.take(one)
    assert len({first["id"], second["id"], third["id"]}) == 3
    # Posted twice it is still one.
    assert (await department.take(one))["id"] == third["id"]
    for taken in (first, second, third):
        await department.work(taken)
    shown = [await department.shown(each) for each in (first, second, third)]
    assert [each["superseded_by"] for each in shown] == [second["id"], third["id"], None]
    assert (await department.take(one))["id"] == third["id"]


async def test_two_months_compared_at_once_see_each_other(department: Department, scene: Scene) -> None:
    taken = [await department.take(expenses({SICK[0]: 700}), f"2021-0{month}") for month in (3, 4, 5)]
    await asyncio.gather(*(department.work(each) for each in taken))
    assert await clues(scene) == {"received": 1}


async def order_of(scene: Scene, names: dict[str, str]) -> list[str]:
    """Return the batches that wait, in the order in which they are served."""
    waiting = text(
        "SELECT comparison.id FROM pgqueuer JOIN comparison ON payload = uuid_send(job_id) "
        "ORDER BY priority DESC, pgqueuer.id"
    )
    async with scene.service.database.reading(system("tests")) as db:
        return [names[str(row.id)] for row in await db.rows(waiting)]


async def test_departments_are_served_by_rounds(department: Department, scene: Scene) -> None:
    busy = [await department.take(expenses({SICK[0]: paid}), "2021-05") for paid in range(1, 6)]
    other = Department(scene.service, await scene.service.caller("department", COUNTY, subject="weijian"))
    late = [await other.take(expenses({SICK[0]: paid}), "2021-05") for paid in (7, 8)]
    names = {each["id"]: f"busy{place}" for place, each in enumerate(busy)}
    names |= {each["id"]: f"late{place}" for place, each in enumerate(late)}
    assert await order_of(scene, names) == ["busy0", "late0", "busy1", "late1", "busy2", "busy3", "busy4"]


async def states(scene: Scene, **of: str) -> None:
    """Let batches stand as if the queue had picked them."""
    async with scene.service.database.writing(system("tests")) as db:
        for taken, state in of.items():
            change = text(
                "UPDATE job SET state = :state WHERE id = (SELECT job_id FROM comparison WHERE id = :id)"
            )
            await db.execute(change, {"id": UUID(taken), "state": state})


async def test_two_large_files_of_one_department_leave_a_place_to_others(
    department: Department, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", 100)
    first, second = [await department.take(expenses(dict.fromkeys(SICK, paid))) for paid in (5, 6)]
    await states(scene, **{first["id"]: "running", second["id"]: "running"})
    other = Department(scene.service, await scene.service.caller("department", COUNTY, subject="weijian"))
    waiting = await other.take(expenses({SICK[0]: 7}))
    for _ in range(2):
        with pytest.raises(Interrupted) as gave_way:
            await department.work(second)
        assert gave_way.value.again_in > timedelta(0)
    assert await count(department, "comparison_part") == 2
    # The first one goes on, and so does the second once nobody waits for its place.
    await department.work(first)
    await states(scene, **{first["id"]: "running", waiting["id"]: "running"})
    assert (await department.work(second))["rows"] == len(SICK)


async def test_a_county_whose_turns_are_far_on_is_not_behind_one_that_begins(
    department: Department, scene: Scene
) -> None:
    old = [await department.take(expenses({SICK[0]: paid}), "2021-05") for paid in range(1, 6)]
    async with scene.service.database.writing(system("tests")) as db:
        await db.execute(text("DELETE FROM pgqueuer WHERE priority > -3"))
        await db.execute(text("UPDATE pgqueuer SET status = 'picked' WHERE priority = -3"))
    caller = await scene.service.caller("department", "340622000000", subject="elsewhere")
    elsewhere = Department(scene.service, caller)
    new = [await elsewhere.take(expenses({SICK[0]: paid}), "2021-05") for paid in range(1, 4)]
    last = await department.take(expenses({SICK[0]: 9}), "2021-05")
    names = {each["id"]: f"old{place}" for place, each in enumerate([*old, last])}
    names |= {each["id"]: f"new{place}" for place, each in enumerate(new)}
    assert await order_of(scene, names) == ["old3", "new0", "old4", "new1", "new2", "old5"]
