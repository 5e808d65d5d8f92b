"""What is kept of a batch no longer than needed: strangers, rejects, files, pages, and what failed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from services.monitoring.comparisons import job, retention
from shared.identity.principal import system
from shared.jobs.housekeeping import sweep
from shared.sheets import parts
from tests.services.monitoring.comparing import Department, figures, killed_after, number
from tests.services.monitoring.conftest import Scene
from tests.services.monitoring.test_comparison_batches import (
    SICK,
    count,
    department,
    expenses,
)
from tests.services.monitoring.test_comparison_pages import opened, page

__all__ = ["department"]


async def test_strangers_and_rejects_are_forgotten_in_time(department: Department) -> None:
    batch = await department.send(expenses({SICK[0]: 5, number(997): 5, number(996): 5, "12": 5}))
    runtime = department.service.runtime
    await retention.run(runtime)
    assert await count(department, "comparison_outcome") == 3
    department.service.clock.moment += timedelta(days=91)
    await retention.run(runtime)
    assert (await count(department, "comparison_outcome"), await count(department, "comparison_reject")) == (
        1,
        0,
    )
    assert figures(await department.shown(batch)) == figures(batch)
    # A correction that comes later still: of what counts no more nothing is kept.
    await department.send(expenses({SICK[0]: 6}))
    department.service.clock.moment += timedelta(days=31)
    await retention.run(runtime)
    assert await count(department, "comparison_outcome") == 1


async def test_of_a_batch_that_failed_nothing_is_kept_and_sent_again_it_is_compared_whole(
    department: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    strangers = [number(900 + order) for order in range(20)]
    content = expenses({**dict.fromkeys(strangers, 5), SICK[0]: 5, "12": 5})
    monkeypatch.setattr(parts, "PART_BYTES", 300)
    taken = await department.take(content)
    with killed_after(job, "take_effect"):
        await department.work(taken)
    runtime = department.service.runtime
    async with runtime.database.writing(system("tests")) as db:
        await db.execute(text("UPDATE job SET state = 'failed', finished_at = :now"), {"now": db.now})
    await retention.run(runtime)
    assert await count(department, "comparison_outcome") > 0
    department.service.clock.moment += timedelta(days=31)
    await retention.run(runtime)
    assert [
        await count(department, f"comparison_{what}") for what in ("result", "reject", "refused", "part")
    ] == [0] * 4
    # Of what was forgotten nothing is taken up again.
    again = await department.send(content)
    assert (again["id"] != taken["id"], figures(again)[:5]) == (True, (22, 1, 0, 20, 1))
    assert await count(department, "comparison_outcome") == 21
    # Once it has come to something, its strangers are forgotten as those of any other.
    department.service.clock.moment += timedelta(days=91)
    await retention.run(runtime)
    assert await count(department, "comparison_outcome") == 1


@pytest.mark.parametrize("moment", ["before", "between"])
async def test_a_failed_batch_sent_again_while_it_is_forgotten_loses_no_row(
    department: Department, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    content = expenses({**dict.fromkeys([number(900 + order) for order in range(20)], 5), SICK[0]: 5})
    monkeypatch.setattr(parts, "PART_BYTES", 300)
    taken = await department.take(content)
    with killed_after(job, "take_effect"):
        await department.work(taken)
    async with department.service.database.writing(system("tests")) as db:
        await db.execute(text("UPDATE job SET state = 'failed', finished_at = :now"), {"now": db.now})
    department.service.clock.moment += timedelta(days=31)
    again: list[dict[str, Any]] = []
    stage = "_is_given_up" if moment == "before" else "_purge"
    whole = getattr(retention, stage)

    async def meanwhile(*args: Any, **more: Any) -> Any:
        again.append(await department.take(content))
        return await whole(*args, **more)

    monkeypatch.setattr(retention, stage, meanwhile)
    await retention.run(department.service.runtime)
    assert (again[0]["id"] == taken["id"]) == (moment == "before")
    await department.work(again[0])
    assert figures(await department.shown(again[0]))[:5] == (21, 1, 0, 20, 0)
    assert await count(department, "comparison_outcome") == 21


async def test_a_batch_whose_pages_stop_coming_is_given_up(department: Department) -> None:
    batch = await opened(department)
    await department.client.put(f"/comparisons/{batch}/pages/1", json=page(("王建国", SICK[0], "1")))
    department.service.clock.moment += timedelta(days=8)
    await retention.run(department.service.runtime)
    assert (await department.client.get(f"/comparisons/{batch}")).status_code == 404
    assert list(department.service.runtime.spool.iterdir()) == []


async def test_pages_whose_batch_is_gone_are_forgotten_and_others_stay(department: Department) -> None:
    there, gone = [await opened(department) for _ in range(2)]
    for batch in (there, gone):
        await department.client.put(f"/comparisons/{batch}/pages/1", json=page(("王建国", SICK[0], "1")))
    async with department.service.database.writing(system("tests")) as db:
        await db.execute(text("DELETE FROM comparison WHERE id = :id"), {"id": UUID(gone)})
    await retention.run(department.service.runtime)
    assert [folder.name for folder in department.service.runtime.spool.iterdir()] == [f"{there}.pages"]


async def test_an_upload_does_not_outlive_its_job_however_that_ended(department: Department) -> None:
    taken = await department.take(expenses({SICK[0]: 5}))
    await sweep(department.service.runtime)
    assert len(list(department.service.runtime.spool.iterdir())) == 1
    async with department.service.database.writing(system("tests")) as db:
        await db.execute(
            text("UPDATE job SET state = 'failed' WHERE id = :id"),
            {"id": UUID(taken["job"].removeprefix("monitoring-"))},
        )
    await sweep(department.service.runtime)
    assert list(department.service.runtime.spool.iterdir()) == []


async def test_what_was_forgotten_is_said_to_be_gone_and_not_that_there_was_none(
    department: Department, scene: Scene
) -> None:
    content = expenses({SICK[0]: 5, number(997): 5, "12": 5})
    batch = await department.send(content)
    assert (batch["purged_at"], batch["emptied_at"]) == (None, None)
    department.service.clock.moment += timedelta(days=91)
    await retention.run(department.service.runtime)
    here = f"/comparisons/{batch['id']}"
    shown = await department.shown(batch)
    assert (shown["purged_at"] is not None, shown["emptied_at"], shown["invalid"]) == (True, None, 1)
    # Who is known stays; of strangers, and of what could not be read, nothing is told as if there had been none.
    assert [each["outcome"] for each in await department.listed(batch, "results")] == ["matched"]
    reconciled = (await department.client.get(f"{here}/reconciliation")).json()
    assert (reconciled["comparison"]["invalid"], reconciled["invalid_by_reason"]) == (1, None)
    gone = [
        await department.client.get(f"{here}{path}", headers={"Accept": kind})
        for path in ("/rejects", "/results?outcome=unmatched")
        for kind in ("application/json", "text/csv")
    ]
    assert {(each.status_code, each.json()["code"]) for each in gone} == {(410, "comparison_rows_gone")}
    # To be checked again the file may be sent as ever.
    checked = await department.send(content, mode="validate")
    assert len(await department.listed(checked, "rejects")) == 1
    # Corrected, it counts no more, and in time nothing is kept of it.
    await department.send(expenses({SICK[0]: 6}))
    department.service.clock.moment += timedelta(days=31)
    await retention.run(department.service.runtime)
    assert (await department.shown(batch))["emptied_at"] is not None
    for who in (department.client, scene.county):
        for kind in ("application/json", "text/csv"):
            results = await who.get(f"{here}/results", headers={"Accept": kind})
            assert (results.status_code, results.json()["code"]) == (410, "comparison_rows_gone")
        assert (await who.get(f"{here}/reconciliation")).json()["towns"] != []
