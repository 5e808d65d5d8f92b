"""The yardstick for requests: what FastAPI and asyncpg give with nothing else on top.

No identity, no area, no encryption, no history, no audit, no events, no transaction of more than one statement.
The answers have the fields of ours, so that the same bytes travel.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import uvicorn
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

DATABASE_VARIABLE = "BARE_DATABASE_URL"
PORT_VARIABLE = "BARE_PORT"

#: Its table is filled from ours, where some are enciphered: only their lengths matter here.
_HOUSEHOLD = """
    SELECT id, number, division_code, group_name, kind, head_name, member_count, minimum_living, destitute, version,
           address, left(encode(phone, 'hex'), 11) AS phone, lifted_year, main_cause, other_causes, military_family,
           relocated, resettlement_site, housing_grade, housing_graded_year, housing_area, house_repair,
           house_repair_year, water_safe, water_problems, arable_mu, forest_mu, road_kind, road_distance, electricity,
           production_power, broadcasting, sanitary_toilet, fuel, cooperative, led_by_enterprise, bank_name,
           left(encode(bank_account, 'hex'), 19) AS bank_account, official_name, official_unit
    FROM household WHERE id = $1
"""
_MEMBERS = """
    SELECT id, name, left(encode(identity_number, 'hex'), 18) AS identity_number, sex, birth_date, relationship,
           left(encode(mobile, 'hex'), 11) AS mobile, ethnic_group, political_status, marital_status, education,
           school_status, dropout_reason, mandarin, health, disability_kind, disability_grade,
           left(encode(disability_card, 'hex'), 20) AS disability_card, disability_card_year, labour, work_place,
           work_abroad, work_months, employer, public_post_kind, public_post_months, medical_insurance,
           medical_insurance_kind, serious_illness_insurance, commercial_insurance, medical_aid, pension,
           receives_minimum_living, receives_destitute_support, joined_on, join_reason, left_on, leave_reason
    FROM member WHERE household_id = $1 ORDER BY id
"""
_INCOMES = "SELECT * FROM income WHERE household_id = $1 ORDER BY year DESC"
_LINES = """
    SELECT id, number, division_code, group_name, kind, head_name, member_count, minimum_living, destitute, version
    FROM household WHERE division_code = $1 ORDER BY division_code, id LIMIT $2
"""
_FINDING = """
    INSERT INTO finding (id, campaign_id, item, facts, source, division_code, raised_on)
    VALUES ($1, $2, $3, $4, $5, $6, current_date) RETURNING *
"""
FINDING_TABLE = """
    CREATE TABLE finding (
        id uuid PRIMARY KEY, campaign_id uuid NOT NULL, item text NOT NULL, facts text NOT NULL, source text NOT NULL,
        division_code text NOT NULL, raised_on date NOT NULL
    );
    CREATE INDEX ON finding (campaign_id);
    CREATE INDEX ON finding (division_code);
"""


class NewFinding(BaseModel):
    """The body of our own command."""

    campaign_id: UUID
    item: str
    facts: str
    source: str
    division_code: str


@asynccontextmanager
async def _pooled(app: FastAPI) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ[DATABASE_VARIABLE], min_size=10, max_size=10) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=_pooled)


@app.get("/one/{household_id}")
async def one(household_id: UUID) -> dict[str, Any]:
    """Return one row by its key, which is what the figure of 2.5 k/s in our notes was measured with."""
    row = await app.state.pool.fetchrow(_HOUSEHOLD, household_id)
    return dict(row)


@app.get("/households/{household_id}")
async def household(household_id: UUID) -> dict[str, Any]:
    """Return a household with members and incomes, as ours does."""
    async with app.state.pool.acquire() as connection:
        row = await connection.fetchrow(_HOUSEHOLD, household_id)
        if row is None:
            raise HTTPException(404)
        members = await connection.fetch(_MEMBERS, household_id)
        incomes = await connection.fetch(_INCOMES, household_id)
    return {
        **row,
        "members": [dict(member) for member in members],
        "incomes": [dict(income) for income in incomes],
    }


@app.get("/households")
async def households(division: str, limit: int = 50) -> dict[str, Any]:
    """Return the first households of a village."""
    rows = await app.state.pool.fetch(_LINES, division, limit)
    return {"items": [dict(row) for row in rows], "next": None}


@app.post("/findings", status_code=201)
async def raise_finding(new: NewFinding) -> dict[str, Any]:
    """Insert one row."""
    row = await app.state.pool.fetchrow(
        _FINDING, uuid4(), new.campaign_id, new.item, new.facts, new.source, new.division_code
    )
    return dict(row)


def main() -> None:
    """Serve until asked to stop, as fast as uvicorn can: no access log."""
    uvicorn.run(
        app, host="127.0.0.1", port=int(os.environ[PORT_VARIABLE]), access_log=False, log_level="warning"
    )


if __name__ == "__main__":
    main()
