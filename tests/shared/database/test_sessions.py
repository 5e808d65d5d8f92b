"""Reader and Writer: who sees what, what is written when, and what is remembered of it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import asyncpg
import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from shared.database.history import story
from shared.identity.principal import Principal, system
from shared.refusal import NotFound
from tests.clients import ServiceUnderTest
from tests.shared.conftest import COUNTY, OTHER_TOWN, VILLAGE, a_note
from tests.shared.notes.app import Note

SYSTEM = system("notes")


def _somebody(*areas: str) -> Principal:
    return Principal("officer-1", "王建国", frozenset(), areas)


async def test_a_caller_sees_and_writes_within_the_own_area_only(
    notes: ServiceUnderTest, writer: httpx.AsyncClient
) -> None:
    path = (await writer.post("/notes", json=a_note())).headers["location"]
    elsewhere = await notes.caller("town_officer", OTHER_TOWN)
    assert (await elsewhere.get("/notes")).json()["items"] == []
    assert (await elsewhere.get(path)).status_code == 404
    assert (await elsewhere.patch(path, json=a_note("x"), headers={"If-Match": '"1"'})).status_code == 404
    refused = await elsewhere.post("/notes", json=a_note())
    assert (refused.status_code, refused.json()["code"]) == (403, "outside_area")


@pytest.mark.parametrize(
    ("areas", "seen"),
    [
        ((COUNTY,), {"340621100001", "340621101201", "340621102001"}),
        (("340621100000", "340621102000"), {"340621100001", "340621102001"}),
        (("340621101201",), {"340621101201"}),
        (("340622000000",), set[str]()),
        ((), set[str]()),
    ],
)
async def test_several_areas_are_seen_and_nothing_between_them(
    notes: ServiceUnderTest, areas: tuple[str, ...], seen: set[str]
) -> None:
    villages = ("340621100001", "340621101201", "340621102001")
    async with notes.database.writing(SYSTEM) as db:
        db.add(*(Note(division_code=village, words="x") for village in villages))
    async with notes.database.reading(_somebody(*areas)) as db:
        assert {each.division_code for each in await db.all(select(Note))} == seen


async def test_a_pooled_connection_carries_nobodys_area_over(notes: ServiceUnderTest) -> None:
    async with notes.database.writing(SYSTEM) as db:
        db.add(Note(division_code=VILLAGE, words="x"))
    async with notes.database.engine.connect() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM note"))).scalar() == 0


async def test_a_reader_cannot_write(notes: ServiceUnderTest) -> None:
    with pytest.raises(DBAPIError, match="read-only transaction"):
        async with notes.database.reading(SYSTEM) as db:
            await db.scalar(
                text("INSERT INTO note (id, division_code, words, rank) VALUES (uuidv7(), '1', '', 0)")
            )


async def test_what_fails_leaves_nothing_behind(notes: ServiceUnderTest) -> None:
    async def fail() -> None:
        async with notes.database.writing(SYSTEM) as db:
            db.add(Note(division_code=VILLAGE, words="x"))
            await db.flush()
            raise NotFound

    with pytest.raises(NotFound):
        await fail()
    async with notes.database.reading(SYSTEM) as db:
        assert await db.all(select(Note)) == []


async def test_the_answer_leaves_after_the_commit(notes: ServiceUnderTest, writer: httpx.AsyncClient) -> None:
    for _ in range(20):
        written = (await writer.post("/notes", json=a_note())).json()["id"]
        async with notes.database.reading(SYSTEM) as db:
            assert await db.find(Note, written) is not None


async def test_every_version_is_remembered_with_who_when_and_why(notes: ServiceUnderTest) -> None:
    begun = notes.clock.moment
    async with notes.database.writing(_somebody(COUNTY), reason="登记") as db:
        note = Note(division_code=VILLAGE, words="饮水", rank=1)
        db.add(note)
    for hours, words in ((1, "用电"), (2, "道路")):
        notes.clock.moment = begun + timedelta(hours=hours)
        async with notes.database.writing(SYSTEM, reason="更正") as db:
            (await db.get(Note, note.id)).words = words
    async with notes.database.reading(SYSTEM) as db:
        told = story(await db.history(note.id, Note))
        assert [(each.kind, each.by, each.reason, each.fields.get("words")) for each in told] == [
            ("created", "王建国", "登记", (None, "饮水")),
            ("changed", SYSTEM.name, "更正", ("饮水", "用电")),
            ("changed", SYSTEM.name, "更正", ("用电", "道路")),
        ]
        for minutes, words in (
            (0, "饮水"),
            (59, "饮水"),
            (60, "用电"),
            (119, "用电"),
            (120, "道路"),
            (999, "道路"),
        ):
            (then,) = await db.as_of(Note, note.id, begun + timedelta(minutes=minutes))
            assert then.words == words
        assert await db.as_of(Note, note.id, begun - timedelta(seconds=1)) == []


@pytest.mark.parametrize("deleted", [False, True])
async def test_who_began_first_and_came_last_comes_last_in_history(
    notes: ServiceUnderTest, *, deleted: bool
) -> None:
    begun = notes.clock.moment
    async with notes.database.writing(SYSTEM) as db:
        note = Note(division_code=VILLAGE, words="饮水")
        db.add(note)
    notes.clock.moment = begun + timedelta(hours=1)
    async with notes.database.writing(_somebody(COUNTY)) as slow:
        notes.clock.moment = begun + timedelta(hours=2)
        async with notes.database.writing(SYSTEM) as quick:
            (await quick.get(Note, note.id)).words = "用电"
        late = await slow.get(Note, note.id)
        if deleted:
            await slow.delete(late)
        else:
            late.words = "道路"
    async with notes.database.reading(SYSTEM) as db:
        told = story(await db.history(note.id, Note))
        assert [each.by for each in told] == [SYSTEM.name, SYSTEM.name, "王建国"]
        assert sorted(each.at for each in told) == [each.at for each in told]
        for minutes, words in ((0, ["饮水"]), (60, ["饮水"]), (119, ["饮水"]), (120, ["用电"])):
            then = await db.as_of(Note, note.id, begun + timedelta(minutes=minutes))
            assert [each.words for each in then] == words
        now = await db.as_of(Note, note.id, begun + timedelta(hours=3))
        assert [each.words for each in now] == ([] if deleted else ["道路"])


async def test_a_deleted_row_is_remembered(notes: ServiceUnderTest) -> None:
    async with notes.database.writing(SYSTEM) as db:
        note = Note(division_code=VILLAGE, words="饮水")
        db.add(note)
    async with notes.database.writing(_somebody(COUNTY), reason="误录") as db:
        await db.delete(await db.get(Note, note.id))
    async with notes.database.reading(SYSTEM) as db:
        last = story(await db.history(note.id, Note))[-1]
    assert (last.kind, last.by, last.reason) == ("deleted", "王建国", "误录")


async def test_the_database_makes_versions_not_the_program(notes: ServiceUnderTest) -> None:
    async with notes.database.writing(SYSTEM) as db:
        note = Note(division_code=VILLAGE, words="x", version=7)
        db.add(note)
        await db.flush()
        await db.execute(text("UPDATE note SET version = 99, changed_by = 'nobody', words = 'y'"))
        version, by = (await db.rows(text("SELECT version, changed_by FROM note")))[0]
    assert (version, by) == (note.version + 1, SYSTEM.name)


async def test_a_glance_is_held_by_the_same_walls(notes: ServiceUnderTest) -> None:
    async with notes.database.writing(SYSTEM) as db:
        note = Note(division_code=VILLAGE, words="x")
        db.add(note)
    for area, seen in ((COUNTY, 1), (OTHER_TOWN, 0)):
        async with notes.database.reading(_somebody(area)) as db:
            assert len(await db.glance(_ONE, note.id)) == seen
    async with notes.database.reading(SYSTEM) as db:
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await db.glance("DELETE FROM note WHERE id = $1", note.id)


async def test_a_glance_sees_what_its_own_transaction_changed(notes: ServiceUnderTest) -> None:
    async with notes.database.writing(SYSTEM) as db:
        note = Note(division_code=VILLAGE, words="x")
        db.add(note)
        assert [row["words"] for row in await db.glance(_ONE, note.id)] == ["x"]
        note.words = "y"
        assert [row["words"] for row in await db.glance(_ONE, note.id)] == ["y"]
        async with notes.database.reading(SYSTEM) as other:
            assert await other.glance(_ONE, note.id) == []


async def test_a_glance_and_what_was_asked_before_it_are_of_one_moment(notes: ServiceUnderTest) -> None:
    async with notes.database.writing(SYSTEM) as db:
        note = Note(division_code=VILLAGE, words="x")
        db.add(note)
    async with notes.database.reading(SYSTEM) as db:
        await db.get(Note, note.id)
        assert await db.glance("SELECT pg_backend_pid()") == await db.rows(text("SELECT pg_backend_pid()"))


async def test_a_connection_that_was_cut_is_not_given_to_the_next(notes: ServiceUnderTest) -> None:
    async with notes.database.reading(SYSTEM) as db:
        with pytest.raises(asyncpg.InterfaceError):
            await db.glance("SELECT pg_terminate_backend(pg_backend_pid())")
    async with notes.database.reading(SYSTEM) as db:
        assert len(await db.glance("SELECT 1")) == 1


_ONE = "SELECT * FROM note WHERE id = $1"


async def test_a_connection_that_the_server_has_closed_meanwhile_is_replaced_unseen(
    notes: ServiceUnderTest,
) -> None:
    database = notes.database
    await database.ping()
    admin = await asyncpg.connect(database.url)
    try:
        # As its restart would: whoever asked next, minutes later, was refused (503).
        closed = await admin.fetchval(
            "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    finally:
        await admin.close()
    assert closed
    await asyncio.sleep(0)
    await database.ping()
