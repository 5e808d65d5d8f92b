"""Who learns what of a batch: its sender all of it, a town what is about its people, everybody else nothing."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import asyncpg
import httpx
import pytest

from services.monitoring.app import SERVICE
from shared.web.uploads import CSV, XLSX
from tests.clients import outbox_of
from tests.routes import routes_of
from tests.services.monitoring.comparing import Department, as_csv, figures, number
from tests.services.monitoring.conftest import (
    COUNTY,
    OTHER_VILLAGE,
    TOWN,
    VILLAGE,
    Scene,
    household,
    numbered,
)

WANG, ZHAO = number(101), number(103)
ELSEWHERE = "340622000000"
DOUBTFUL = ["姓名", "身份证号", "变动类型", "月保障金额", "变动原因"]
#: Of every address below a batch, what its sender would send.
BODIES: dict[str, Any] = {
    "/comparisons/{comparison_id}/pages/{number}": {"rows": [{"姓名": "王建国"}]},
    "/comparisons/{comparison_id}/closing": {"pages": 1},
    "/comparisons/{comparison_id}/withdrawal": {"reason": "报错了"},
}
BELOW = [
    (method, route.path)
    for route in routes_of(SERVICE)
    if route.path.startswith("/comparisons/{comparison_id}")
    for method in sorted(route.methods or ())
]


@pytest.fixture
async def department(scene: Scene) -> Department:
    await scene.known(
        household(members=(numbered("王建国", WANG),)),
        household(OTHER_VILLAGE, members=(numbered("赵一", ZHAO),), destitute=True),
    )
    return Department(scene.service, await scene.service.caller("department", COUNTY, subject="yibao"))


@pytest.mark.parametrize(
    ("role", "area"),
    [
        pytest.param("department", COUNTY, id="another department"),
        pytest.param("department", TOWN, id="a department of a town"),
        pytest.param("department", ELSEWHERE, id="another county's department"),
        pytest.param("county_officer", ELSEWHERE, id="another county"),
        pytest.param("town_officer", "340622100000", id="another county's town"),
    ],
)
async def test_nothing_of_a_batch_is_told_to_who_is_not_concerned(
    department: Department, scene: Scene, role: str, area: str
) -> None:
    batch = await department.send(as_csv([["王建国", WANG, "20000", "住院"], ["李", "12", "5", "住院"]]))
    stranger = await scene.service.caller(role, area, subject="stranger")
    assert len(BELOW) == 10
    for method, path in BELOW:
        address = re.sub(r"\{\w+\}", "2", path.replace("{comparison_id}", batch["id"]))
        for accept in ("application/json", CSV, XLSX):
            answer = await stranger.request(
                method, address, json=BODIES.get(path), headers={"If-Match": '"1"', "Accept": accept}
            )
            assert answer.status_code in {403, 404}, f"{method} {path}: {answer.text}"
    assert (await stranger.get("/comparisons")).json()["items"] == []
    for job in (f"/jobs/{batch['job']}", f"/jobs/{batch['job']}/events"):
        assert (await stranger.get(job)).status_code == 404
    assert (await stranger.get("/datasets/medical_expense/precision")).json() == []
    # The same file is a batch of its own, whoever else has sent it.
    if role == "department":
        assert (await Department(scene.service, stranger).take(as_csv([["王建国", WANG, "5", ""]])))[
            "id"
        ] != batch["id"]


async def test_a_town_learns_the_figures_of_its_own_people(department: Department, scene: Scene) -> None:
    rows = [
        ["王建国", WANG, "20000", "住院"],
        ["赵一", ZHAO, "20000", "住院"],
        ["外地人", number(999), "5", "住院"],
        ["李秀英", "12", "5", "住院"],
    ]
    batch = await department.send(as_csv(rows))
    assert figures(batch) == (4, 2, 0, 1, 1, 2)
    path = f"/comparisons/{batch['id']}"
    reconciled = (await scene.town.get(f"{path}/reconciliation")).json()
    listed = (await scene.town.get("/comparisons")).json()["items"]
    for shown in (reconciled["comparison"], *listed, (await scene.town.get(path)).json()):
        assert (figures(shown), shown["clues_kept"]) == ((1, 1, 0, 0, 0, 1), None)
    assert [
        reconciled[name] for name in ("invalid_by_reason", "alerts_by_outcome", "corrections_by_status")
    ] == [
        None,
        {"received": 1},
        {},
    ]
    assert [line["alerts"] for line in reconciled["verdicts"]] == [1]
    for whole in (scene.county, department.client):
        assert figures((await whole.get(path)).json()) == figures(batch)


async def test_the_county_looks_at_the_rows_of_a_town_and_a_department_learns_of_no_place(
    department: Department, scene: Scene
) -> None:
    rows = [
        ["王建国", WANG, "20000", "住院"],
        ["外地人", number(999), "5", "住院"],
        ["赵一", ZHAO, "20000", "住院"],
        ["王国强", WANG, "5", "门诊"],
        ["王建国", WANG, "6", "门诊"],
    ]
    address = f"/comparisons/{(await department.send(as_csv(rows)))['id']}/results"

    async def lines(client: httpx.AsyncClient, division: str, **more: str) -> list[int]:
        asked = {"division": division, "limit": "2", "count": "exact", **more}
        page = (await client.get(address, params=asked)).json()
        further = await lines(client, division, **more | {"cursor": page["next"]}) if page["next"] else []
        found = [each["line"] for each in page["items"]] + further
        assert page["total"] == len(found) or "cursor" in more
        return found

    # What is about nobody here is of no town: it stands where its sender does.
    for division, told in (
        (COUNTY, [2, 3, 4, 5, 6]),
        (TOWN, [2, 5, 6]),
        (VILLAGE, [2, 5, 6]),
        (ELSEWHERE, []),
    ):
        assert await lines(scene.county, division) == told
        file = await scene.county.get(address, params={"division": division}, headers={"Accept": CSV})
        assert [int(line.split(",")[0]) for line in file.text.splitlines()[1:]] == told
    assert await lines(scene.county, TOWN, outcome="mismatched") == [5]
    assert await lines(scene.county, OTHER_VILLAGE) == [4]
    assert (await lines(scene.town, COUNTY), await lines(scene.town, OTHER_VILLAGE)) == ([2, 5, 6], [])
    for accept in (CSV, "application/json"):
        refused = await department.client.get(address, params={"division": TOWN}, headers={"Accept": accept})
        assert (refused.status_code, refused.json()["code"]) == (403, "place_not_told")
    assert len(await department.listed({"id": address.split("/")[2]}, "results")) == len(rows)


async def everything_in(url: str) -> str:
    """Return all that a database holds, as text."""
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetch(
            "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables "
            "WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
        texts = [
            await connection.fetchval(f"SELECT string_agg(CAST(t AS text), E'\\n') FROM {table['name']} t")  # noqa: S608 - ours
            for table in tables
        ]
    finally:
        await connection.close()
    return "\n".join(filter(None, texts))


@pytest.mark.parametrize("mode", ["commit", "validate"])
async def test_of_a_stranger_no_word_is_kept_anywhere(
    department: Department, scene: Scene, postgres_admin_url: str, mode: str
) -> None:
    stranger = number(999)
    told = ["欧阳外地", stranger, "新增", "7654.32", "因病致贫云云"]
    department.dataset = "minimum_living"
    batch = await department.send(
        as_csv([told, ["王建国", WANG, "新增", "300", "车祸致残"]], headers=DOUBTFUL), mode=mode
    )
    assert figures(batch)[:4] == (2, 1, 0, 1)
    url = postgres_admin_url.rpartition("/")[0] + f"/{scene.service.database.engine.url.database}"
    kept = await everything_in(url)
    assert ("车祸致残" in kept) == (mode == "commit"), "what is there is seen"
    for word in (told[0], stranger, "7654.32", "765432", told[4]):
        assert word not in kept
        assert word.encode().hex() not in kept
    assert list(scene.service.runtime.spool.iterdir()) == []
    assert stranger not in str(await outbox_of(scene.service))


async def test_an_upload_that_breaks_off_leaves_nothing(scene: Scene) -> None:
    async with scene.service.served("county_officer", COUNTY) as (url, headers):
        address = httpx.URL(url)
        _, writer = await asyncio.open_connection(address.host, address.port)
        head = [
            "POST /comparisons/medical_expense?period=2021-05 HTTP/1.1",
            f"Host: {address.host}",
            "Content-Length: 9000000",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        writer.write("\r\n".join([*head, "", ""]).encode() + b"x" * 3_000_000)
        await writer.drain()
        spool = scene.service.runtime.spool
        while not list(spool.glob("*.upload")):
            await asyncio.sleep(0.01)
        writer.close()
        for _ in range(500):
            if not list(spool.iterdir()):
                break
            await asyncio.sleep(0.01)
        assert list(spool.iterdir()) == []
    assert (await scene.county.get("/comparisons")).json()["items"] == []


async def test_signs_that_no_text_may_hold_are_refused_wherever_they_stand(department: Department) -> None:
    batch = await department.send(as_csv([["王建国", WANG, "5", "住院"]]))
    path = f"/comparisons/{batch['id']}"
    etag = (await department.client.get(path)).headers["etag"]
    json = {"Content-Type": "application/json", "If-Match": etag}
    for sign in (rb"\ud800", rb"\u0000", b"\xed\xa0\x80"):
        refused = await department.client.post(
            f"{path}/withdrawal", content=b'{"reason": "' + sign + b'"}', headers=json
        )
        assert refused.status_code == 422, sign
    for query in ("?dataset=%00", "?period=%00", "?period=%ED%A0%80"):
        assert (await department.client.get(f"/comparisons{query}")).status_code in {200, 422}, query
    for query in ("?outcome=%00", "?outcome=%ED%A0%80"):
        assert (await department.client.get(f"{path}/results{query}")).status_code in {200, 422}, query
    content, address = as_csv([["王建国", WANG, "6", "住院"]]), "/comparisons/medical_expense?period=2021-04"
    raw = await department.client.post(
        address, content=content, headers={"X-Filename": "a%00%ED%A0%80%0D.csv"}
    )
    form = await department.client.post(
        "/comparisons/medical_expense?period=2021-03", files={"file": ("b\0\\..\\/c.csv", content)}
    )
    assert [answer.status_code for answer in (raw, form)] == [202, 202]
    assert "\0" not in raw.json()["filename"] + form.json()["filename"]


@pytest.mark.parametrize(
    "number",
    ["0", "-1", "1000001", "99999999999999999999", "x"],
    ids=["none", "negative", "huge", "endless", "a word"],
)
async def test_a_page_of_no_such_number_or_size_is_refused(department: Department, number: str) -> None:
    opened = (
        await department.client.post("/comparisons/medical_expense/pages", params={"period": "2021-05"})
    ).json()
    path = f"/comparisons/{opened['id']}/pages"
    row = {"姓名": "王建国"}
    assert (await department.client.put(f"{path}/{number}", json={"rows": [row]})).status_code == 422
    for rows, status in (([], 422), ([row] * 10_001, 422), ([{"姓名": "王" * 400_000}], 413), ([[row]], 422)):
        assert (await department.client.put(f"{path}/1", json={"rows": rows})).status_code == status
    for broken in (b"[" * 100_000, b'{"a": ' * 100_000, b'{"a": ' + b"9" * 5_000 + b"}"):
        content = b'{"rows": [' + broken
        sent = await department.client.put(
            f"{path}/1", content=content, headers={"Content-Type": "application/json"}
        )
        assert sent.status_code == 400
    assert list(department.service.runtime.spool.glob("*")) == []
