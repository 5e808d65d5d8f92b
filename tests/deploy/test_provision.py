"""What the two roles of a service may and may not do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from deploy.local.postgres import EmbeddedPostgres
from deploy.provision import libpq_url, provision
from tests.infrastructure.servers import Session

#: The services of this test alone, so that those of the session's templates keep their passwords.
_TRIAL = "provisioning"
_OTHER = "provisioning_other"
_RESTORED = "restoring"


@dataclass(frozen=True)
class Provisioned:
    """A connection of each role to one provisioned database."""

    owner: asyncpg.Connection
    app: asyncpg.Connection
    environment: dict[str, str]


@pytest.fixture
async def provisioned(postgres_admin_url: str) -> AsyncIterator[Provisioned]:
    environment = await provision(postgres_admin_url, [_TRIAL, _OTHER])
    owner = await asyncpg.connect(libpq_url(environment["FANGFAN_PROVISIONING_OWNER_URL"]))
    app = await asyncpg.connect(libpq_url(environment["FANGFAN_PROVISIONING_DATABASE_URL"]))
    await owner.execute("CREATE TABLE household (id int GENERATED ALWAYS AS IDENTITY, division_code text)")
    try:
        yield Provisioned(owner, app, environment)
    finally:
        await owner.execute("DROP TABLE household")
        await app.close()
        await owner.close()


async def test_the_application_works_with_tables_that_the_owner_makes_later(provisioned: Provisioned) -> None:
    app = provisioned.app
    await app.execute("INSERT INTO household (division_code) VALUES ('340621100000')")
    await app.execute("UPDATE household SET division_code = '340621101000'")
    assert await app.fetchval("SELECT division_code FROM household") == "340621101000"
    assert await app.execute("DELETE FROM household") == "DELETE 1"


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("CREATE TABLE mine (id int)", id="make a table"),
        pytest.param("DROP TABLE household", id="drop a table"),
        pytest.param("TRUNCATE household", id="empty a table past its triggers"),
        pytest.param("ALTER TABLE household DISABLE ROW LEVEL SECURITY", id="switch row-level security off"),
        pytest.param("CREATE POLICY all_rows ON household USING (true)", id="widen what it sees"),
        pytest.param("SET ROLE provisioning_owner", id="become the owner"),
        pytest.param("CREATE ROLE another", id="make a role"),
        pytest.param("CREATE DATABASE another", id="make a database"),
        pytest.param("CREATE SCHEMA another", id="make a schema"),
    ],
)
async def test_the_application_may_not(provisioned: Provisioned, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await provisioned.app.execute(statement)


async def test_row_level_security_holds_for_the_application(provisioned: Provisioned) -> None:
    await provisioned.owner.execute("INSERT INTO household (division_code) VALUES ('340621100000')")
    await provisioned.owner.execute("ALTER TABLE household ENABLE ROW LEVEL SECURITY")
    assert await provisioned.owner.fetchval("SELECT count(*) FROM household") == 1
    assert await provisioned.app.fetchval("SELECT count(*) FROM household") == 0


@pytest.mark.parametrize("role", ["provisioning_app", "provisioning_owner"])
async def test_no_role_of_a_service_is_above_the_rules(provisioned: Provisioned, role: str) -> None:
    rights = await provisioned.owner.fetchrow(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles "
        "WHERE rolname = $1",
        role,
    )
    assert rights is not None
    assert not any(rights)


async def test_a_service_cannot_enter_another_ones_database(provisioned: Provisioned) -> None:
    for url in ("FANGFAN_PROVISIONING_DATABASE_URL", "FANGFAN_PROVISIONING_OWNER_URL"):
        foreign = libpq_url(provisioned.environment[url]).replace(
            "fangfan_provisioning", "fangfan_provisioning_other"
        )
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(foreign)


async def test_a_second_run_keeps_known_passwords_and_all_data(
    provisioned: Provisioned, postgres_admin_url: str
) -> None:
    again = await provision(postgres_admin_url, [_TRIAL, _OTHER], known=provisioned.environment)
    assert again == provisioned.environment
    assert await provisioned.app.fetchval("SELECT count(*) FROM household") == 0


async def test_a_second_run_leaves_revoked_rights_revoked(
    provisioned: Provisioned, postgres_admin_url: str
) -> None:
    await provisioned.owner.execute("REVOKE UPDATE ON household FROM provisioning_app")
    await provision(postgres_admin_url, [_TRIAL, _OTHER], known=provisioned.environment)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await provisioned.app.execute("UPDATE household SET division_code = ''")


async def test_passwords_that_are_not_known_are_renewed(
    provisioned: Provisioned, postgres_admin_url: str
) -> None:
    renewed = await provision(postgres_admin_url, [_TRIAL])
    assert (
        renewed["FANGFAN_PROVISIONING_OWNER_URL"] != provisioned.environment["FANGFAN_PROVISIONING_OWNER_URL"]
    )
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(libpq_url(provisioned.environment["FANGFAN_PROVISIONING_OWNER_URL"]))


async def test_a_database_restored_as_operators_are_told_keeps_its_history_from_the_application(
    test_session: Session, postgres_admin_url: str, tmp_path: Path
) -> None:
    server = EmbeddedPostgres.running_in(test_session.server("postgres"))
    known = await provision(postgres_admin_url, [_RESTORED])
    app, owner = (libpq_url(known[f"FANGFAN_RESTORING_{name}_URL"]) for name in ("DATABASE", "OWNER"))
    await _execute(
        owner,
        "CREATE TABLE history (id int); INSERT INTO history VALUES (1); "
        "REVOKE INSERT, UPDATE, DELETE ON history FROM restoring_app",
    )
    dump = tmp_path / "restoring.dump"
    await _run(server.program("pg_dump"), "--format=custom", f"--file={dump}", owner)
    await _execute(postgres_admin_url, "DROP DATABASE fangfan_restoring")
    assert await provision(postgres_admin_url, [_RESTORED], known) == known
    superuser = postgres_admin_url.removesuffix("/postgres") + "/fangfan_restoring"
    await _run(server.program("pg_restore"), "--exit-on-error", f"--dbname={superuser}", dump)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await _execute(app, "DELETE FROM history")
        await _execute(app, "SELECT id FROM history")
        # What migrations make later is the application's to use, as before.
        await _execute(owner, "CREATE TABLE later (id int)")
        await _execute(app, "INSERT INTO later VALUES (1)")
    finally:
        await _execute(postgres_admin_url, "DROP DATABASE fangfan_restoring")


async def _execute(url: str, statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statements)
    finally:
        await connection.close()


async def _run(program: Path, *arguments: str | Path) -> None:
    process = await asyncio.create_subprocess_exec(program, *arguments)
    assert await process.wait() == 0
