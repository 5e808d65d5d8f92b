"""Migrations make what the code expects, carefully: each waits briefly for locks and has one successor."""

from __future__ import annotations

import ast
import re

import asyncpg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from deploy.catalog import NAMES, load
from shared.database.migrating import check
from tests.architecture.source import ROOT, Module, modules, snippet
from tests.infrastructure.databases import DatabaseOf

pytestmark = pytest.mark.check

#: Tables with a division but without a wall, and why.
OPEN = {
    "import_person": "staging: COPY refuses tables with row-level security; read by the import alone, then emptied",
    "campaign_fact": "a county's campaign is what its towns report on; no personal data",
}
_WALLED = """
SELECT tablename FROM pg_policies JOIN pg_class ON relname = tablename WHERE policyname = 'area' AND relrowsecurity
"""
_RECORDED = """
SELECT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
WHERE tgname IN ('stamp', 'keep_update', 'keep_delete') AND tgenabled = 'O' GROUP BY relname HAVING count(*) = 3
"""
_DATED = re.compile(r"20\d\d_\d\d_\d\d_[a-z0-9_]+\.py")


@pytest.mark.parametrize("name", NAMES)
async def test_the_migrations_make_the_tables_of_the_code(name: str, database_of: DatabaseOf) -> None:
    service, database = load(name), await database_of(name)
    await check(service.migrations, service.metadata, database.owner_url)


@pytest.mark.parametrize("name", NAMES)
def test_a_service_has_one_latest_migration_beside_the_shared_one(name: str) -> None:
    shared, own = ROOT / "shared/database/migrations", load(name).migrations
    config = Config()
    config.set_main_option("script_location", str(shared))
    config.set_main_option("version_locations", f"{shared / 'versions'}\n{own}")
    config.set_main_option("path_separator", "newline")
    heads = {revision.path for revision in ScriptDirectory.from_config(config).get_revisions("heads")}
    assert len([path for path in heads if str(own) in path]) == 1


@pytest.mark.parametrize("name", NAMES)
async def test_every_table_with_a_division_is_walled_and_every_recorded_one_keeps_history(
    name: str, database_of: DatabaseOf
) -> None:
    tables, database = load(name).metadata.tables.values(), await database_of(name)
    connection = await asyncpg.connect(database.admin_url)
    try:
        walled = {row["tablename"] for row in await connection.fetch(_WALLED)}
        recorded = {row["relname"] for row in await connection.fetch(_RECORDED)}
    finally:
        await connection.close()
    assert {table.name for table in tables if "division_code" in table.columns} - OPEN.keys() <= walled
    assert {table.name for table in tables if "change_reason" in table.columns} <= recorded


def careless(module: Module) -> list[str]:
    """Return what a migration lacks: a dated name, and as its first step a short patience for locks."""
    upgrade = next(function for function in module.functions() if function.name == "upgrade")
    first = [ast.unparse(step) for step in upgrade.body[:2]]
    checks = {
        "its name begins with its date": bool(_DATED.fullmatch(module.path.rpartition("/")[2])),
        "it waits briefly for locks": any(
            "wait_briefly_for_locks" in x or "lock_timeout" in x for x in first
        ),
    }
    return [law for law, holds in checks.items() if not holds]


def test_every_migration_is_careful() -> None:
    migrations = [module for module in modules() if re.search(r"/migrations/(versions/)?20", module.path)]
    assert {module.path: careless(module) for module in migrations if careless(module)} == {}


def test_the_rule_catches_a_careless_migration() -> None:
    assert (
        len(careless(snippet("def upgrade():\n    op.drop_table('household')\n", "services/x/ab12_drop.py")))
        == 2
    )
