"""What chaos counts: a checker that finds nothing must be one that would have found something."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.chaos.run import Report
from deploy.chaos.subscriber import Subscriber
from deploy.chaos.truth import Count

WELL: dict[str, Any] = {
    "size": "small",
    "seed": 1,
    "faults": 21,
    "by_kind": {"kill -9": 21},
    "commands": 100,
    "acknowledged": 100,
    "attempts": 200,
    "lost": 0,
    "doubled": 0,
    "diverged": 0,
    "by_projection": {},
    "events": 300,
    "events_lost": 0,
    "events_disordered": 0,
    "events_postponed": 3,
    "dead": 0,
    "outbox": 0,
    "jobs_unfinished": 0,
    "jobs_failed_silently": 0,
    "webhook_missing": 0,
    "webhook_disordered": 0,
    "seconds": 80.0,
}
WRONG = [
    name for name, value in WELL.items() if value == 0 and name not in {"seed", "commands", "acknowledged"}
]


def event(number: int, *, subject: str, sequence: int) -> dict[str, Any]:
    return {"id": str(number), "type": "household.changed.v1", "subject": subject, "sequence": sequence}


def test_what_is_missing_is_lost_and_what_is_there_twice_is_doubled() -> None:
    count = Count()

    count.compare(["a", "b", "c"], ["a", "c", "c", "not ours"])

    assert count == Count(lost=1, doubled=1)


@pytest.mark.parametrize("name", WRONG)
def test_nothing_wrong_is_passed_over(name: str) -> None:
    assert Report(**WELL).well
    assert not Report(**WELL | {name: 1}).well


def test_a_delivery_that_comes_again_is_no_disorder() -> None:
    subscriber = Subscriber("http://127.0.0.1/hook")
    for each in (
        event(1, subject="a", sequence=1),
        event(2, subject="a", sequence=2),
        event(1, subject="a", sequence=1),
    ):
        subscriber.take(each)

    assert subscriber.disordered == 0
    assert (len(subscriber.ids), subscriber.deliveries) == (2, 3)


def test_an_event_that_overtakes_another_of_its_subject_is_disorder() -> None:
    subscriber = Subscriber("http://127.0.0.1/hook")
    for each in (
        event(1, subject="a", sequence=2),
        event(2, subject="a", sequence=1),
        event(3, subject="b", sequence=1),
    ):
        subscriber.take(each)

    assert subscriber.disordered == 1
