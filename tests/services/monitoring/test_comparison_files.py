"""Files as departments write them: every kind is taken, and what is no table fails and leaves nothing behind."""

from __future__ import annotations

from io import BytesIO

import openpyxl
import orjson
import pytest
from sqlalchemy import text

from services.monitoring.comparisons.errors import NoRows, RowsOfNobody
from shared.identity.principal import system
from shared.refusal import Refusal
from shared.sheets.form import HeaderMissing, UnreadableFile
from shared.web.uploads import XLSX
from tests.services.monitoring.comparing import EXPENSES, Department, as_csv, figures
from tests.services.monitoring.test_comparisons import WANG, department, row

__all__ = ["department"]


def as_xlsx(rows: list[list[str]]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for each in (["医疗费用"], EXPENSES, *rows):
        sheet.append(each)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def as_ndjson(rows: list[list[str]]) -> bytes:
    return b"".join(orjson.dumps(dict(zip(EXPENSES, each, strict=True))) + b"\n" for each in rows)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(as_csv([row()]), id="UTF-8"),
        pytest.param(as_csv([row()], encoding="utf-8-sig"), id="UTF-8 with a mark"),
        pytest.param(as_csv([row()], encoding="gb18030", title="5月数据"), id="GB18030 with a title"),
        pytest.param(
            as_csv([row()], headers=["患者姓名", "证件号码", "自付费用", "类别"]), id="other headers"
        ),
        pytest.param(
            as_csv([row()]).decode().replace(",", "\t").encode("utf-16"), id="Excel's Unicode text, with tabs"
        ),
        pytest.param(as_csv([row()], encoding="gb18030").replace(b",", b";"), id="semicolons"),
        pytest.param(
            as_csv([row()], headers=["", "", "自付金额", "医疗类别"], title="姓名,身份证号,费用,"),
            id="a header in two rows",
        ),
        pytest.param(
            as_csv(
                [row()], headers=["", "", "自付金额", ""], title="姓名,身份证号,医疗费用,医疗类别\n,,其中：,"
            ),
            id="a header in three rows",
        ),
        pytest.param(as_xlsx([row()]), id="XLSX"),
        pytest.param(as_ndjson([row()]), id="NDJSON"),
    ],
)
async def test_files_are_taken_as_offices_write_them(department: Department, content: bytes) -> None:
    assert figures(await department.send(content)) == (1, 1, 0, 0, 0, 0)


async def test_lines_of_json_are_counted_as_they_stand(department: Department) -> None:
    batch = await department.send(
        as_ndjson([row(), row(amount="许多")]) + b'{"\xe5\xa7\x93\xe5\x90\x8d": null}\n'
    )
    assert figures(batch) == (2, 1, 0, 0, 1, 0)
    assert [each["line"] for each in await department.listed(batch, "results")] == [1]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
async def test_objects_between_empty_lines_are_refused_by_their_own_lines(
    department: Department, end: bytes
) -> None:
    bad, good = as_ndjson([row(amount="许多")]).strip(), as_ndjson([row()]).strip()
    batch = await department.send(end.join([bad, b"", good, bad, b" ", b"", bad]))
    assert [each["line"] for each in await department.listed(batch, "rejects")] == [1, 4, 7]
    assert [each["line"] for each in await department.listed(batch, "results")] == [3]


async def test_what_a_program_adds_up_is_read_as_the_cents_that_it_means(department: Department) -> None:
    written = {"姓名": "王建国", "身份证号": WANG, "医疗类别": "住院"}
    lines = [
        orjson.dumps(written | {"自付金额": amount}) for amount in (0.1 + 0.2, 4.35 * 100, 12.345 + 1e-13)
    ]
    batch = await department.send(b"\n".join(lines))
    assert [each["amount"] for each in await department.listed(batch, "results")] == ["0.30", "435.00"]
    assert [each["code"] for each in await department.listed(batch, "rejects")] == ["not_an_amount"]


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        pytest.param(b'{"a": {"b": 1}}\n', HeaderMissing, id="nested"),
        pytest.param(b'{"a": 1}\nno json\n', UnreadableFile, id="broken"),
    ],
)
async def test_json_that_is_no_table_fails(
    department: Department, content: bytes, refusal: type[Refusal]
) -> None:
    taken = await department.take(content)
    with pytest.raises(refusal):
        await department.work(taken)


@pytest.mark.parametrize("sign", ["\\u0000", "\\ud800"], ids=["a NUL", "half a sign"])
async def test_signs_that_no_database_keeps_fail_no_batch(department: Department, sign: str) -> None:
    department.dataset = "dropout"
    written = f'{{"姓名": "王建国", "身份证号": "{WANG}", "情况说明": "缺{sign}课"}}\n'
    batch = await department.send(written.encode())
    assert [each["note"] for each in await department.listed(batch, "results")] == ["缺 课"]
    department.dataset = "medical_expense"
    broken = row("王\0建国", kind="住\0院")
    # Wherever it stands: the beginning tells the kind of the file.
    for rows in ([broken, row()], [row()] * 100 + [broken]):
        assert figures(await department.send(as_csv(rows)))[:2] == (len(rows), len(rows))


async def test_a_file_that_is_no_table_fails_and_leaves_nothing_behind(department: Department) -> None:
    taken = await department.take(as_csv([row()], headers=["甲", "乙", "丙", "丁"]))
    with pytest.raises(HeaderMissing):
        await department.work(taken)
    assert not list(department.service.runtime.spool.iterdir())


@pytest.mark.parametrize("mode", ["commit", "validate"])
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(as_csv([]), id="CSV"),
        pytest.param(as_csv([["", " ", "", ""]]), id="blank rows"),
        pytest.param(as_xlsx([]), id="XLSX"),
        pytest.param(as_ndjson([["", "", "", ""]]), id="NDJSON"),
    ],
)
async def test_a_file_without_rows_takes_no_earlier_ones_place(
    department: Department, content: bytes, mode: str
) -> None:
    first = await department.send(as_csv([row()]))
    taken = await department.take(content, mode=mode)
    with pytest.raises(NoRows):
        await department.work(taken)
    assert (await department.shown(first))["superseded_by"] is None
    assert not list(department.service.runtime.spool.iterdir())


async def test_a_file_of_rows_does_not_say_that_there_is_nobody(department: Department) -> None:
    first = await department.send(as_csv([row()]))
    taken = await department.take(as_csv([row(), row()]), nobody="true")
    with pytest.raises(RowsOfNobody):
        await department.work(taken)
    assert (await department.shown(first))["superseded_by"] is None


@pytest.mark.parametrize("is_compared", [True, False], ids=["compared", "waiting"])
@pytest.mark.parametrize(
    ("content", "nobody", "why"),
    [
        pytest.param(as_csv([row()]), False, RowsOfNobody, id="rows"),
        pytest.param(as_csv([]), True, NoRows, id="a header alone"),
    ],
)
async def test_the_same_file_said_otherwise_to_tell_of_nobody_is_judged_by_its_rows(
    department: Department, content: bytes, why: type[Refusal], *, nobody: bool, is_compared: bool
) -> None:
    stands = await department.take(content, nobody=str(nobody))
    if is_compared:
        await department.work(stands)
    slip = await department.take(content, nobody=str(not nobody))
    if not is_compared:
        await department.work(stands)
    with pytest.raises(why):
        await department.work(slip)
    async with department.service.database.writing(system("tests")) as db:
        failed = text("UPDATE job SET state = 'failed' WHERE id = :id")
        await db.execute(failed, {"id": slip["job"].removeprefix("monitoring-")})
    assert (await department.shown(stands))["superseded_by"] is None
    # Said as at first, it is the batch that it was.
    assert (await department.take(content, nobody=str(nobody)))["id"] == stands["id"]


@pytest.mark.parametrize(
    "content", [b"", b" \n", b"\xef\xbb\xbf", b"\x1f\x8b\x08\x00" + bytes(99), b"%PDF-1.7"]
)
async def test_what_is_no_file_of_rows_is_refused_at_once(department: Department, content: bytes) -> None:
    refused = await department.post(content)
    assert (refused.status_code, refused.json()["code"]) == (415, "unknown_file_kind")
    assert not list(department.service.runtime.spool.iterdir())


async def test_a_file_is_what_it_holds_whatever_it_is_called(department: Department) -> None:
    for place, (content, kind) in enumerate(
        [(as_xlsx([row()]), "text/csv"), (as_csv([row()]), XLSX)], start=1
    ):
        address = f"/comparisons/medical_expense?period=2021-0{place}"
        answer = await department.client.post(address, content=content, headers={"Content-Type": kind})
        await department.work(answer.json())
        assert figures(await department.shown(answer.json()))[:2] == (1, 1)


async def test_refused_rows_are_known_in_a_sheet_of_another_name(department: Department) -> None:
    batch = await department.send(as_csv([row(), ["李秀英", WANG, "许多", "住院"]]))
    back = await department.client.get(f"/comparisons/{batch['id']}/rejects", headers={"Accept": XLSX})
    book, copied = openpyxl.load_workbook(BytesIO(back.content)), openpyxl.Workbook()
    assert book.active is not None
    assert copied.active is not None
    for cells in book.active.iter_rows(values_only=True):
        copied.active.append(cells)
    file = BytesIO()
    copied.save(file)
    answer = await department.post(file.getvalue())
    assert (answer.status_code, answer.json()["code"]) == (409, "refused_rows_alone")
    assert (await department.send(as_xlsx([row()])))["rows"] == 1, "any other workbook is taken"
