"""Pay of public-welfare posts: a village and month at once, whole or not at all; what is missing or came late."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.monitoring.posts.rules import mark_of
from services.monitoring.posts.schemas import Mark
from tests.services.monitoring.conftest import OTHER_VILLAGE, TOWN, VILLAGE, Scene
from tests.services.monitoring.test_posts import appointed, home_of, pay_of


async def payroll(scene: Scene, *, expect: int = 200, **changes: Any) -> dict[str, Any]:
    form = {"division": VILLAGE, "month": "2021-06", "fund_source": "光伏收益"}
    answer = await scene.county.post("/posts/payrolls", json=form | changes)
    assert answer.status_code == expect, answer.text
    result: dict[str, Any] = answer.json()
    return result


async def test_a_village_is_paid_for_a_month_at_once_as_agreed_or_line_by_line(scene: Scene) -> None:
    one, two = await appointed(scene), await appointed(scene, monthly_pay="800.50")
    elsewhere = await appointed(scene, await scene.known(home_of(division_code=OTHER_VILLAGE)))
    scene.go_to(2021, 7, 5)
    line = {"post_id": one.rpartition("/")[2], "amount": "350"}
    assert await payroll(scene, lines=[line]) == {"paid": 1, "total": "350.00", "unpaid": 1}
    assert await payroll(scene) == {"paid": 1, "total": "800.50", "unpaid": 0}
    assert await payroll(scene) == {"paid": 0, "total": "0.00", "unpaid": 0}
    corrected = await payroll(scene, lines=[line | {"amount": "360"}])
    assert corrected == {"paid": 1, "total": "360.00", "unpaid": 0}
    paid = {post: (await pay_of(scene, post))[0] for post in (one, two, elsewhere)}
    assert {post: (each["amount"], each["paid_on"]) for post, each in paid.items()} == {
        one: ("360.00", "2021-07-05"),
        two: ("800.50", "2021-07-05"),
        elsewhere: (None, None),
    }
    assert await payroll(scene, division=TOWN) == {"paid": 0, "total": "0.00", "unpaid": 0}


@pytest.mark.parametrize(
    ("changes", "code", "fault"),
    [
        pytest.param({"month": "2021-13"}, "invalid", None, id="no month"),
        pytest.param({"month": "2021-08"}, "date_out_of_order", None, id="a month that has not begun"),
        pytest.param({"on": "2021-07-06"}, "date_in_future", None, id="paid tomorrow"),
        pytest.param({"division": OTHER_VILLAGE}, "invalid", "not_owed", id="another village's post"),
        pytest.param({"month": "2021-05", "on": "2021-07-01"}, "invalid", "not_owed", id="before the post"),
        pytest.param({"twice": True}, "invalid", "named_twice", id="one post twice"),
    ],
)
async def test_a_payroll_counts_whole_or_not_at_all(
    scene: Scene, changes: dict[str, Any], code: str, fault: str | None
) -> None:
    post, other = await appointed(scene), await appointed(scene)
    lines = [{"post_id": each.rpartition("/")[2], "amount": "500"} for each in (post, other)]
    twice = changes.pop("twice", False)
    scene.go_to(2021, 7, 5)
    refused = await payroll(scene, expect=422, lines=[*lines, lines[0]] if twice else lines, **changes)
    changes |= {"twice": True} if twice else {}
    assert refused["code"] == code
    if fault:
        assert refused["errors"][-1]["code"] == fault
    assert {each["paid_on"] for each in await pay_of(scene, post)} == {None}


async def test_missing_and_late_pay_is_marked_over_the_long_holiday(scene: Scene) -> None:
    scene.go_to(2021, 9, 1)
    post = await appointed(scene, months=2)

    async def marks() -> list[tuple[str, str]]:
        return [(each["due_on"], each["mark"]) for each in await pay_of(scene, post)]

    # Ten working days after September end on the 20th of October: the first week is free, the 9th is worked.
    scene.go_to(2021, 10, 20)
    assert await marks() == [("2021-10-20", "open"), ("2021-11-12", "open")]
    scene.go_to(2021, 10, 21)
    assert await marks() == [("2021-10-20", "missing"), ("2021-11-12", "open")]
    missing = (await scene.county.get("/posts/pay?mark=missing&month=2021-09")).json()["items"]
    assert [f"/posts/{each['post_id']}" for each in missing] == [post]
    await payroll(scene, month="2021-09", on="2021-10-20")
    assert (await marks())[0] == ("2021-10-20", "paid")
    line = {"post_id": post.rpartition("/")[2], "amount": "500"}
    await payroll(scene, month="2021-09", lines=[line])
    assert (await marks())[0] == ("2021-10-20", "late")
    for mark, found in (("late", 1), ("missing", 0), ("paid", 0), ("open", 1)):
        assert len(await pay_of(scene, post, mark=mark)) == found, mark


@pytest.mark.check
@pytest.mark.parametrize(
    ("paid_on", "today", "mark"),
    [
        (None, date(2021, 7, 14), Mark.OPEN),
        (None, date(2021, 7, 15), Mark.MISSING),
        (date(2021, 7, 14), date(2021, 8, 1), Mark.PAID),
        (date(2021, 7, 15), date(2021, 8, 1), Mark.LATE),
    ],
)
def test_pay_is_in_time_on_its_last_day(paid_on: date | None, today: date, mark: Mark) -> None:
    assert mark_of(date(2021, 7, 14), paid_on, today) is mark


async def test_a_payroll_of_three_hundred_takes_a_handful_of_statements(scene: Scene) -> None:
    homes = [home_of(number=str(n)) for n in range(300)]
    await scene.known(*homes)
    for home in homes:
        await appointed(scene, home, months=1)
    scene.go_to(2021, 7, 5)
    async with scene.service.statements() as sent:
        assert (await payroll(scene))["paid"] == 300
    assert len(sent) <= 10
