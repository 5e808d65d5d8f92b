"""Whose fault a failure is, and what may be said of it."""

from __future__ import annotations

import asyncpg
import orjson
import pytest
from pydantic import BaseModel, ValidationError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, TimeoutError as PoolTimeout

from shared.contracts.inspection import CampaignOpened
from shared.database import Database
from shared.identity.principal import system
from shared.keys import uuid7
from shared.logging import mask_private
from shared.messaging.dead import Corpse, bury, list_dead
from shared.messaging.deliveries import read
from shared.messaging.outage import is_outage
from shared.messaging.reasons import reason_of
from shared.messaging.transport import Delivery, Message
from shared.refusal import NotFound
from tests.infrastructure.databases import DatabaseOf

_NUMBER = "340621195803140017"


@pytest.mark.check
@pytest.mark.parametrize(
    ("error", "outage"),
    [
        pytest.param(ConnectionRefusedError(), True, id="the server is down"),
        pytest.param(PoolTimeout(), True, id="no connection is free"),
        pytest.param(asyncpg.ConnectionDoesNotExistError(), True, id="the connection broke"),
        pytest.param(asyncpg.InterfaceError("the underlying connection is closed"), True, id="it was closed"),
        pytest.param(asyncpg.AdminShutdownError(), True, id="the server is being stopped"),
        pytest.param(asyncpg.CannotConnectNowError(), True, id="the server is starting"),
        pytest.param(asyncpg.TooManyConnectionsError(), True, id="the server is crowded"),
        pytest.param(asyncpg.DeadlockDetectedError(), True, id="a deadlock"),
        pytest.param(asyncpg.SerializationError(), True, id="a serialization failure"),
        pytest.param(asyncpg.ReadOnlySQLTransactionError(), True, id="a standby answers"),
        pytest.param(DBAPIError("", None, asyncpg.DiskFullError()), True, id="wrapped by SQLAlchemy"),
        pytest.param(asyncpg.QueryCanceledError(), False, id="the query takes too long"),
        pytest.param(asyncpg.UniqueViolationError(), False, id="the row exists"),
        pytest.param(asyncpg.DataError(), False, id="the value does not fit"),
        pytest.param(ValueError(), False, id="a rule of ours"),
        pytest.param(NotFound(), False, id="a refusal"),
    ],
)
def test_an_outage_is_nobodys_fault(error: Exception, outage: bool) -> None:  # noqa: FBT001
    assert is_outage(error) is outage


class _Person(BaseModel):
    age: int


def _misread() -> ValidationError:
    with pytest.raises(ValidationError) as caught:
        _Person.model_validate({"age": _NUMBER[:-1] + "X"})
    return caught.value


@pytest.mark.check
@pytest.mark.parametrize(
    ("error", "reason"),
    [
        pytest.param(
            NotFound("张三"), "NotFound: There is no such thing, or it lies outside your area.", id="refusal"
        ),
        pytest.param(ValueError(f"bad {_NUMBER}\nsecond line"), "ValueError: bad […]", id="message"),
        pytest.param(KeyError(), "KeyError: ", id="no message"),
        pytest.param(_misread(), "_Person: age int_parsing", id="validation"),
    ],
)
def test_a_reason_says_what_and_never_whose(error: Exception, reason: str) -> None:
    assert reason_of(error).partition(" (")[0] == reason


async def test_a_reason_from_the_database_quotes_no_row(database_of: DatabaseOf) -> None:
    place = await database_of("messaging")
    database = Database(place.url, service="messaging")
    statement = text(
        "INSERT INTO dead_event SELECT gen_random_uuid(), 't', 's', '{}', CAST(:secret AS text), NULL, now()"
    )
    with pytest.raises(IntegrityError) as caught:
        async with database.writing(system("messaging")) as db:
            await db.execute(statement, {"secret": "王建国"})
    await database.dispose()
    assert reason_of(caught.value).startswith('NotNullViolationError: null value in column "attempts"')
    assert "王建国" not in reason_of(caught.value)
    assert "王建国" not in mask_private(str(caught.value))


async def test_an_event_is_buried_whatever_signs_are_in_it(database_of: DatabaseOf) -> None:
    database = Database((await database_of("messaging")).url, service="messaging")
    subject, kind = "no\0body", CampaignOpened.event_type
    handled_in_vain = Corpse(uuid7(), kind, subject, {}, "bad \0", 5)
    event = {"id": str(uuid7()), "type": kind, "subject": subject, "data": {"name": "\0"}}
    [malformed] = read([Delivery(Message(kind, orjson.dumps([event])))]).corpses
    async with database.writing(system("messaging")) as db:
        assert await bury(db, [handled_in_vain, malformed]) == [handled_in_vain, malformed]
    subjects = {each.subject for each in await list_dead(database)}
    await database.dispose()
    assert subjects == {"no\ufffdbody"}
