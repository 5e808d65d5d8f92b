"""Bulk import: files as offices send them, refused line by line, resumed after a crash, and sent twice without harm."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from typing import Any
from uuid import UUID

import httpx
import openpyxl
import pytest
from sqlalchemy import text

from services.household.imports import job
from shared.identity.principal import system
from shared.jobs import JobRun
from tests.clients import ServiceUnderTest, outbox_of
from tests.services.household.conftest import COUNTY, OTHER_TOWN, TOWN, VILLAGE, number

HEADERS = ["户编号", "行政区划代码", "姓名", "身份证号", "与户主关系", "健康状况", "农户类型"]


def line(household: str, order: str, relationship: str = "户主", **changes: str) -> dict[str, str]:
    row = {
        "户编号": household,
        "行政区划代码": VILLAGE,
        "姓名": "王建国",
        "身份证号": number(order=order),
        "与户主关系": relationship,
        "健康状况": "健康",
        "农户类型": "脱贫户",
    }
    return row | changes


def as_csv(rows: list[dict[str, str]], *, encoding: str = "utf-8", title: str = "") -> bytes:
    file = StringIO()
    if title:
        file.write(f"{title}\n")
    writer = csv.DictWriter(file, HEADERS)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode(encoding)


def as_xlsx(rows: list[dict[str, str]], *, title: str = "农户信息表") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([title])
    sheet.append(HEADERS)
    for row in rows:
        sheet.append([row[header] for header in HEADERS])
    file = BytesIO()
    book.save(file)
    return file.getvalue()


class Office:
    """Somebody who sends files and waits for what becomes of them."""

    def __init__(self, registry: ServiceUnderTest, client: httpx.AsyncClient) -> None:
        self.registry = registry
        self.client = client

    async def send(self, content: bytes, *, division: str = COUNTY, **wishes: str) -> dict[str, Any]:
        taken = await self.take(content, division=division, **wishes)
        await self.work(taken)
        return dict((await self.client.get(f"/households/imports/{taken['id']}")).json()["figures"])

    async def take(self, content: bytes, *, division: str = COUNTY, **wishes: str) -> dict[str, Any]:
        """Send a file; ``wishes`` are the import's options."""
        answer = await self.client.post(
            "/households/imports", params={"division": division, **wishes}, content=content
        )
        assert answer.status_code == 202, answer.text
        return dict(answer.json())

    async def work(self, taken: dict[str, Any]) -> dict[str, Any]:
        """Run the job as the bulk process does."""
        return await job.run_import(await self.run_of(taken))

    async def run_of(self, taken: dict[str, Any]) -> JobRun:
        """Begin an attempt, from what earlier ones saved."""
        job_id = UUID(taken["job"].removeprefix("household-"))
        async with self.registry.database.reading(system("tests")) as db:
            found = text("SELECT payload, checkpoint, requested_by FROM job WHERE id = :id")
            rows = await db.rows(found, {"id": job_id})
        payload, checkpoint, requested_by = rows[0]
        return JobRun(job_id, payload, checkpoint, requested_by, self.registry.runtime)

    async def rejects(self, content: bytes) -> list[tuple[int, str]]:
        taken = await self.take(content)
        await self.work(taken)
        found = (await self.client.get(f"/households/imports/{taken['id']}/rejects")).json()["items"]
        return [(each["line"], each["code"]) for each in found]

    async def households(self) -> list[dict[str, Any]]:
        return list((await self.client.get("/households", params={"limit": 200})).json()["items"])


@pytest.fixture
def office(registry: ServiceUnderTest, county: httpx.AsyncClient) -> Office:
    return Office(registry, county)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(as_csv([line("H1", "101"), line("H1", "102", "配偶")]), id="UTF-8"),
        pytest.param(
            as_csv([line("H1", "101"), line("H1", "102", "配偶")], encoding="utf-8-sig"),
            id="UTF-8 with a mark",
        ),
        pytest.param(
            as_csv(
                [line("H1", "101"), line("H1", "102", "配偶")], encoding="gb18030", title="濉溪镇农户信息"
            ),
            id="GB18030 with a title row",
        ),
        pytest.param(
            as_csv([line("H1", "101"), line("H1", "102", "配偶")])
            .decode()
            .replace(",", "\t")
            .encode("utf-16"),
            id="Excel's Unicode text, with tabs",
        ),
        pytest.param(
            as_csv([line("H1", "101"), line("H1", "102", "配偶")]).replace(b",", b";"), id="semicolons"
        ),
        pytest.param(
            as_csv([line("H1", "101"), line("H1", "102", "配偶")], title="农户,,家庭成员,,,,"),
            id="titles of groups",
        ),
        pytest.param(as_xlsx([line("H1", "101"), line("H1", "102", "配偶")]), id="XLSX with a title row"),
    ],
)
async def test_files_of_all_kinds_are_read(office: Office, content: bytes) -> None:
    figures = await office.send(content)
    assert (figures["rows"], figures["accepted"], figures["rejected"]) == (2, 2, 0)
    (household,) = await office.households()
    assert (household["head_name"], household["member_count"], household["kind"]) == ("王建国", 2, "lifted")


async def test_numbers_are_put_right_where_that_is_certain(office: Office) -> None:
    wide = number(order="103").translate(str.maketrans("0123456789X", "０１２３４５６７８９Ｘ"))
    old = number(order="104")[:6] + number(order="104")[8:17]
    figures = await office.send(
        as_csv(
            [
                line("H1", "101", 身份证号=f" {number(order='101')} "),
                line("H1", "103", "之子", 身份证号=wide),
                line("H1", "104", "之女", 身份证号=old),
            ]
        )
    )
    assert figures["rejected"] == 0
    for order in ("101", "103", "104"):
        found = await office.client.post("/households/search", json={"identity_number": number(order=order)})
        assert found.status_code == 200


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(
            [line("H1", "101", 身份证号="3.40621E+17")], [(2, "scientific_notation")], id="eaten by Excel"
        ),
        pytest.param(
            [line("H1", "101", 身份证号=number()[:-1] + "0")], [(2, "wrong_check_digit")], id="check digit"
        ),
        pytest.param([line("H1", "101", 姓名="")], [(2, "missing")], id="no name"),
        pytest.param(
            [line("H1", "101", 健康状况="健康、好得很")], [(2, "unknown_code")], id="a health nobody knows"
        ),
        pytest.param(
            [line("H1", "101", 行政区划代码="340621100999")], [(2, "unknown_village")], id="no such village"
        ),
        pytest.param(
            [line("H1", "101"), line("H2", "101")],
            [(3, "duplicate_person")],
            id="the same person twice: the first stays",
        ),
        pytest.param(
            [line("H1", "101", 姓名=""), line("H1", "102", "配偶")],
            [(2, "missing"), (3, "head_rejected")],
            id="a household falls with its head",
        ),
        pytest.param(
            [line("H1", "101", "配偶")],
            [(2, "head_missing")],
            id="a household without a head",
        ),
        pytest.param(
            [line("H1", "101"), line("H1", "102")],
            [(2, "two_heads"), (3, "two_heads")],
            id="a household with two heads",
        ),
    ],
)
async def test_lines_are_refused_with_their_reason(
    office: Office, rows: list[dict[str, str]], expected: list[tuple[int, str]]
) -> None:
    assert await office.rejects(as_csv([*rows, line("H9", "900")])) == expected
    assert "H9" in [each["number"] for each in await office.households()]


async def test_a_town_cannot_import_into_another(registry: ServiceUnderTest) -> None:
    office = Office(registry, await registry.caller("town_officer", OTHER_TOWN))
    refused = await office.client.post("/households/imports", params={"division": TOWN}, content=as_csv([]))
    assert refused.status_code == 403
    figures = await office.send(as_csv([line("H1", "101")]), division=OTHER_TOWN)
    assert figures["by_code"] == {"outside_area": 1}


async def test_a_second_send_changes_nothing(office: Office) -> None:
    content = as_csv([line("H1", "101"), line("H1", "102", "配偶")])
    await office.send(content)
    before, told = await office.households(), len(await outbox_of(office.registry))
    assert (await office.take(content))["figures"]["accepted"] == 2
    # Another file with the same people, from another office: nothing to change either.
    figures = await office.send(as_csv([line("H1", "101"), line("H1", "102", "配偶")], title="再次上报"))
    assert (figures["registered"], figures["changed"]) == (0, 0)
    assert await office.households() == before
    assert len(await outbox_of(office.registry)) == told


async def test_a_corrected_file_updates_and_keeps_what_is_blank(office: Office) -> None:
    await office.send(as_csv([line("H1", "101", 健康状况="长期慢性病")]))
    figures = await office.send(as_csv([line("H1", "101", 健康状况="", 姓名="王建军")]))
    assert (figures["registered"], figures["changed"]) == (0, 1)
    (household,) = await office.households()
    detail = (await office.client.get(f"/households/{household['id']}")).json()
    assert (detail["head_name"], detail["members"][0]["health"], detail["version"]) == (
        "王建军",
        ["chronic"],
        2,
    )


async def test_validation_writes_nothing(office: Office) -> None:
    figures = await office.send(as_csv([line("H1", "101"), line("H2", "102", 姓名="")]), mode="validate")
    assert (figures["accepted"], figures["rejected"]) == (1, 1)
    assert await office.households() == []


@pytest.mark.parametrize("crash_after", ["_read", "_judge", "_count"])
async def test_an_import_that_is_killed_ends_with_the_same_rows(
    office: Office, monkeypatch: pytest.MonkeyPatch, crash_after: str
) -> None:
    monkeypatch.setattr("services.household.imports.writing.BATCH", 2)
    rows = [line(f"H{order}", str(order)) for order in range(100, 109)] + [line("H999", "999", 姓名="")]
    taken = await office.take(as_csv(rows))
    stage = getattr(job, crash_after)

    class KilledError(Exception):
        pass

    async def killed(*args: Any) -> None:
        await stage(*args)
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(job, crash_after, killed)
        with pytest.raises(KilledError):
            await office.work(taken)
    result = await office.work(taken)
    assert (result["rows"], result["accepted"], result["registered"], result["rejected"]) == (10, 9, 9, 1)
    assert len(await office.households()) == 9
    told = [
        event["subject"] for event in await outbox_of(office.registry) if "registered" in str(event["type"])
    ]
    assert len(told) == len(set(told)) == 9


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        pytest.param(b"%PDF-1.4 ...", 415, "unknown_file_kind", id="a PDF"),
        pytest.param(b"", 415, "unknown_file_kind", id="nothing"),
        pytest.param(b"\x00\x01\x02", 415, "unknown_file_kind", id="no text"),
    ],
)
async def test_files_of_no_use_are_refused(office: Office, content: bytes, status: int, code: str) -> None:
    answer = await office.client.post("/households/imports", params={"division": COUNTY}, content=content)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not list(office.registry.runtime.spool.iterdir())


async def test_the_template_can_be_filled_and_sent(office: Office) -> None:
    book = openpyxl.load_workbook(BytesIO((await office.client.get("/households/template.xlsx")).content))
    sheet = book.worksheets[0]
    assert sheet.data_validations.dataValidation
    headers = [cell.value for cell in sheet[2]]
    row = line("H1", "101") | {"证件号码": number(order="101")}
    sheet.append([row.get(str(header), "") for header in headers])
    file = BytesIO()
    book.save(file)
    assert (await office.send(file.getvalue()))["accepted"] == 1
