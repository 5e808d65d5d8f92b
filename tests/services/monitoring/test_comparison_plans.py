"""What the pipeline asks of PostgreSQL can be asked of many machines: no join on the way in, one place for a page."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from asyncpg import InsufficientPrivilegeError
from sqlalchemy import text

from services.monitoring.matching import registry
from services.monitoring.rulebook.documents import shipped_rules
from services.monitoring.rulebook.evaluation import Question, asked, judgement
from services.monitoring.rulebook.gathering import Gathered
from shared.domain.dated import in_force
from shared.identity.principal import system
from tests.services.monitoring.comparing import Department, as_csv, number
from tests.services.monitoring.conftest import COUNTY, Scene, household, numbered

_HIT = "EXPLAIN WITH {facts} SELECT * FROM facts WHERE {hit}"


@pytest.fixture
async def department(scene: Scene) -> Department:
    await scene.known(household(members=(numbered("王建国", number(701)),)))
    return Department(scene.service, await scene.service.caller("department", COUNTY, subject="yibao"))


async def plan(department: Department, query: str, **values: Any) -> str:
    async with department.service.database.reading(system("tests")) as db:
        rows = await db.rows(text(f"EXPLAIN {query}"), values)
    return "\n".join(row[0] for row in rows)


@pytest.mark.parametrize("query", [registry._OF_EVERYBODY, registry._OF_SOME], ids=["everybody", "some"])
async def test_a_county_is_read_by_one_aggregate_and_no_join(department: Department, query: str) -> None:
    values = {"$1": "'340621'", "$2": "'340622'", "$3": "CAST('' AS bytea)"}
    asked = re.sub(r"\$[123]", lambda place: values[place[0]], query)
    told = await plan(department, asked.replace("\\x", "\\\\x").replace(":", "\\:"))
    assert "Aggregate" in told
    assert not re.search(r"Join|Nested Loop", told)


@pytest.mark.parametrize("within", ["", " AND division_code >= '340621100' AND division_code < '340621101'"])
async def test_a_page_of_results_unfolds_only_the_blocks_that_its_lines_are_in(
    department: Department, within: str
) -> None:
    batch = await department.send(as_csv([["王建国", number(701), "5", "住院"]]))
    async with department.service.database.writing(system("tests")) as db:
        # Of a handful of rows the planner would rather read all.
        await db.execute(text("SET LOCAL enable_seqscan = off"))
        page = "SELECT * FROM comparison_outcome WHERE comparison_id = :id AND outcome = 'matched' AND from_line <= 9"
        page += f" AND to_line >= 3 AND line BETWEEN 3 AND 9{within} ORDER BY line"
        rows = await db.rows(text(f"EXPLAIN {page}"), {"id": batch["id"]})
    told = "\n".join(row[0] for row in rows)
    of_rows = r"Bitmap Index Scan on comparison_result.*\s+Index Cond: .*comparison_id = .* AND \(line >= 3\)"
    of_blocks = r"on comparison_block_rows\w* block.*\s+.*Index Cond: \(comparison_id = .*"
    narrowed = r"\(from_line <= 9\) AND \(to_line >= 3\) AND \(\(outcome\)::text = 'matched'"
    for wanted in (of_rows, of_blocks, narrowed):
        assert re.search(wanted, told), told


async def test_a_condition_on_facts_is_weighed_of_those_near_and_never_in_a_scan_of_everybody(
    department: Department,
) -> None:
    rule, on = shipped_rules()["medical_twelve_months"], date(2022, 1, 31)
    columns = {"self_paid": "taken_0", "this_year": "taken_1"}
    facts = asked(rule, in_force(rule.versions, on), Question(on=on, gathered=Gathered("person", columns)))
    judged = judgement(rule, rule.versions, on)
    async with department.service.database.writing(system("tests")) as db:
        gathered = "about uuid, batch uuid, taken_0 numeric, taken_1 numeric"
        await db.execute(text(f"CREATE TEMPORARY TABLE gathered ({gathered}) ON COMMIT DROP"))
        statement = text(_HIT.format(facts=facts.ctes, hit=judged.hit))
        rows = await db.rows(statement, facts.values | judged.values)
    assert rows[0][0].startswith("CTE Scan on facts"), rows


@pytest.mark.parametrize("statement", ["SELECT * FROM", "DELETE FROM", "UPDATE"])
@pytest.mark.parametrize(
    "table", ["comparison_result_rows", "comparison_block_rows", "comparison_reject_rows"]
)
async def test_below_the_wall_nothing_is_read_changed_or_deleted(
    department: Department, statement: str, table: str
) -> None:
    done = f"{statement} {table}" + (" SET division_code = ''" if statement == "UPDATE" else "")
    with pytest.raises(InsufficientPrivilegeError):
        async with department.service.database.writing(system("tests")) as db:
            await (await db.connection()).execute(done)
