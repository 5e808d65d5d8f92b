"""Departments that post files, and a registry of persons whose numbers are known."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from types import ModuleType
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest
from sqlalchemy import text
from stdnum.cn import ric

from services.monitoring.comparisons import job
from shared.identity.principal import system
from shared.jobs import JobRun
from tests.clients import ServiceUnderTest

EXPENSES = ["姓名", "身份证号", "自付金额", "医疗类别"]
FIGURES = ("rows", "matched", "mismatched", "unmatched", "invalid", "alerts")


def number(order: int, born: str = "19800301") -> str:
    """Return a valid number of somebody in this county."""
    seventeen = f"340621{born}{order:03}"
    return seventeen + str(ric.calc_check_digit(f"{seventeen}?"))


def as_csv(
    rows: Sequence[Sequence[str]],
    *,
    headers: Sequence[str] = EXPENSES,
    encoding: str = "utf-8",
    title: str = "",
) -> bytes:
    """Return a file as an office would send it."""
    file = StringIO()
    if title:
        file.write(f"{title}\n")
    writer = csv.writer(file)
    writer.writerow(headers)
    writer.writerows(rows)
    return file.getvalue().encode(encoding)


@contextmanager
def killed_after(module: ModuleType, stage: str) -> Iterator[None]:
    """Let whatever runs end as a killed process would, once it has gone through a stage."""
    whole = getattr(module, stage)

    class KilledError(Exception):
        pass

    async def killed(*args: Any, **more: Any) -> None:
        await whole(*args, **more)
        raise KilledError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, stage, killed)
        with pytest.raises(KilledError):
            yield


@dataclass
class Department:
    """An office that sends files and waits for what becomes of them."""

    service: ServiceUnderTest
    client: httpx.AsyncClient
    dataset: str = "medical_expense"

    async def post(self, content: bytes, period: str = "2021-05", **query: str) -> httpx.Response:
        """Hand in a file."""
        return await self.client.post(
            f"/comparisons/{self.dataset}", params={"period": period, **query}, content=content
        )

    async def take(self, content: bytes, period: str = "2021-05", **query: str) -> dict[str, Any]:
        """Hand in a file that is taken."""
        answer = await self.post(content, period, **query)
        assert answer.status_code == 202, answer.text
        return dict(answer.json())

    async def send(self, content: bytes, period: str = "2021-05", **query: str) -> dict[str, Any]:
        """Hand in a file, and return its batch once it has been compared."""
        taken = await self.take(content, period, **query)
        await self.work(taken)
        return await self.shown(taken)

    async def shown(self, taken: dict[str, Any]) -> dict[str, Any]:
        """Return a batch as it is now."""
        return dict((await self.client.get(f"/comparisons/{taken['id']}")).json())

    async def work(self, taken: dict[str, Any]) -> dict[str, Any]:
        """Run the job as the bulk process does."""
        # As it is stored: a result that is no JSON would end in no job.
        stored = orjson.dumps(await job.run_comparison(await self.run_of(taken)))
        return dict(orjson.loads(stored))

    async def run_of(self, taken: dict[str, Any]) -> JobRun:
        """Begin an attempt, from what earlier ones saved."""
        job_id = UUID(taken["job"].removeprefix("monitoring-"))
        async with self.service.database.reading(system("tests")) as db:
            rows = await db.rows(text("SELECT payload, checkpoint FROM job WHERE id = :id"), {"id": job_id})
        payload, checkpoint = rows[0]
        return JobRun(job_id, payload, checkpoint, "", self.service.runtime)

    async def run_named(self, name: str) -> JobRun:
        """Begin the newest job of that name."""
        newest = text(
            "SELECT id::text FROM job WHERE name = :name ORDER BY requested_at DESC, id DESC LIMIT 1"
        )
        async with self.service.database.reading(system("tests")) as db:
            job_id = await db.scalar(newest, {"name": name})
        return await self.run_of({"job": job_id})

    async def listed(self, batch: dict[str, Any], what: str, **query: Any) -> list[dict[str, Any]]:
        """Return a list of a batch: its results or rejects."""
        answer = await self.client.get(f"/comparisons/{batch['id']}/{what}", params={"limit": 200} | query)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])


def figures(batch: dict[str, Any]) -> tuple[int, ...]:
    """Return rows, matched, mismatched, unmatched, invalid, alerts."""
    return tuple(batch[name] for name in FIGURES)
