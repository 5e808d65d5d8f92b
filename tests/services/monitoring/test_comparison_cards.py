"""Disability cards: whom a row is about is told by the card's number as well."""

from __future__ import annotations

import orjson
import pytest

from tests.services.monitoring.comparing import Department, as_csv, number
from tests.services.monitoring.conftest import COUNTY, Scene, household, numbered

WANG, LI = number(801), number(802)


@pytest.mark.parametrize(
    ("headers", "wang", "li"),
    [
        (["残疾人证号"], [f"{WANG}44"], [f"{LI}41b1"]),
        (["残疾人证号"], [WANG], [f" {LI}41 "]),
        # Beside the number itself the card's is not read, wherever it stands.
        (["残疾人证号", "身份证号"], ["34062100000000000044", WANG], ["无", LI]),
    ],
)
@pytest.mark.parametrize("form", ["csv", "ndjson"])
async def test_whom_a_disability_card_is_of_its_number_tells(
    scene: Scene, form: str, headers: list[str], wang: list[str], li: list[str]
) -> None:
    await scene.known(household(members=(numbered("王建国", WANG), numbered("李秀英", LI))))
    caller = await scene.service.caller("department", COUNTY, subject="canlian")
    department = Department(scene.service, caller, "disability")
    rows = [["王建国", *wang, "肢体", "二级"], ["李秀英", *li, "视力", "一级"]]
    names = ["姓名", *headers, "残疾类别", "残疾等级"]
    objects = b"".join(orjson.dumps(dict(zip(names, row, strict=True))) + b"\n" for row in rows)
    batch = await department.send(as_csv(rows, headers=names) if form == "csv" else objects)
    assert (batch["rows"], batch["matched"]) == (2, 2)
