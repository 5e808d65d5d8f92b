"""Where a household belongs to another village, its visits and findings go along, with their past."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select

from services.inspection.findings.commands import told as told_finding
from services.inspection.findings.model import Finding
from services.inspection.replicas.model import Household
from services.inspection.visits.commands import told as told_visit
from services.inspection.visits.errors import UnknownHousehold
from services.inspection.visits.model import Visit
from shared.contracts.household import HouseholdRehomed
from shared.contracts.inspection import FindingRehomed, VisitRehomed
from shared.database import Writer

_FOLLOW = """
    UPDATE {table} kept SET division_code = home.division_code FROM household home
    WHERE home.id = ANY(:ids) AND kept.household_id = home.id AND kept.division_code <> home.division_code
    RETURNING {key}
"""
_COVERAGE, _ASSIGNMENTS, _CORRECTIONS, _ATTACHMENTS, _LINKS, _REFUSED, _VISITS, _FINDINGS = (
    text(_FOLLOW.format(table=table, key=key))
    for table, key in (
        ("coverage", "household_id"),
        ("assignment", "kept.id"),
        ("correction", "kept.id"),
        ("attachment", "kept.id"),
        ("attachment_link", "attachment_id"),
        ("refused_visit", "kept.id"),
        ("visit", "kept.id"),
        ("finding", "kept.id"),
    )
)


async def follow_homes(db: Writer, moves: Sequence[HouseholdRehomed]) -> None:
    """Take what is kept of households to where they belong now; one whose news is not here yet comes again later."""
    versions = {move.household_id: move.version for move in moves}
    wanted = select(Household).where(col(Household.id).in_(versions)).order_by(col(Household.id))
    known = {each.id: each.sequence for each in await db.all(wanted.with_for_update())}
    if any(known.get(key, 0) < version for key, version in versions.items()):
        raise UnknownHousehold
    for statement in (_COVERAGE, _ASSIGNMENTS, _CORRECTIONS, _ATTACHMENTS, _LINKS, _REFUSED):
        await db.execute(statement, {"ids": list(versions)})
    moved: list[list[UUID]] = []
    for statement, model in ((_VISITS, Visit), (_FINDINGS, Finding)):
        moved.append([key for (key,) in await db.rows(statement, {"ids": list(versions)})])
        await db.history_follows(model, moved[-1])
    visits, findings = moved
    for visit in await db.all(select(Visit).where(col(Visit.id).in_(visits)).order_by(col(Visit.id))):
        db.record(told_visit(VisitRehomed, visit, ()))
    for finding in await db.all(
        select(Finding).where(col(Finding.id).in_(findings)).order_by(col(Finding.id))
    ):
        db.record(told_finding(FindingRehomed, finding))
