"""Batches that come page after page, interrupted: what was taken counts, once, and of whoever it is about now."""

from __future__ import annotations

import asyncio
import errno
import os

import pytest

from shared.contracts.household import MemberTransferred
from tests.services.monitoring.comparing import Department, figures
from tests.services.monitoring.conftest import Scene
from tests.services.monitoring.moves.test_comparison_movers import warned
from tests.services.monitoring.moving import LI, WANG, gone_to, lived_in, office_of, tell_move
from tests.services.monitoring.test_comparison_pages import opened, page


@pytest.fixture
async def office(scene: Scene) -> Department:
    return await office_of(scene)


async def test_a_page_that_was_not_taken_counts_for_nothing(office: Department, scene: Scene) -> None:
    await lived_in(scene)
    url = f"/comparisons/{await opened(office)}"
    await office.client.put(f"{url}/pages/1", json=page(("王建国", WANG, "1500.00")))

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", full)
        lost = await office.client.put(f"{url}/pages/2", json=page(("李秀英", LI, "20.50")))
    # Its sender says no more than what was taken.
    closed = await office.client.post(f"{url}/closing", json={"pages": 1})
    assert (lost.is_success, closed.status_code) == (False, 202)
    await office.work(closed.json())
    assert figures(await office.shown(closed.json()))[:2] == (1, 1)


async def test_pages_sent_again_in_another_order_while_somebody_goes_add_up_once(
    office: Department, scene: Scene
) -> None:
    old, new = await lived_in(scene), await gone_to(scene)
    url = f"/comparisons/{await opened(office)}"
    pages = {1: page(("王建国", WANG, "9000")), 2: page(("王建国", WANG, "7000"))}
    await office.client.put(f"{url}/pages/2", json=pages[2])
    _, after = await tell_move(scene, MemberTransferred, old, new, old.members[0].id)
    for which in (1, 2, 1):
        assert (await office.client.put(f"{url}/pages/{which}", json=pages[which])).status_code == 200
    closed = await asyncio.gather(
        *(office.client.post(f"{url}/closing", json={"pages": 2}) for _ in range(4))
    )
    assert {answer.status_code for answer in closed} == {202}
    assert len({answer.json()["job"] for answer in closed}) == 1
    await office.work(closed[0].json())
    assert await warned(scene) == [("medical_year", 16000, new.id, after.members[-1].id)]
