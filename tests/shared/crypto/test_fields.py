from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Column, Engine, Integer, MetaData, Table, create_engine, select, text

from shared.crypto import fields
from shared.crypto.fields import EncryptedText, NoKeyRingError, NotComparableError
from shared.crypto.keyring import KeyRing

pytestmark = pytest.mark.check

NUMBER = "34062119850712028X"
PERSON = Table(
    "person",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("number", EncryptedText("person.number")),
)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setattr(fields, "_process", {})
    fields.use(KeyRing.generate())
    engine = create_engine("sqlite://")
    PERSON.metadata.create_all(engine)
    yield engine
    engine.dispose()


def test_a_column_is_text_in_the_program_and_ciphertext_in_the_database(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(PERSON.insert(), [{"id": 1, "number": NUMBER}, {"id": 2, "number": None}])
        assert connection.execute(select(PERSON.c.number).order_by(PERSON.c.id)).scalars().all() == [
            NUMBER,
            None,
        ]
        stored = connection.execute(text("SELECT number FROM person ORDER BY id")).scalars().all()
    assert NUMBER.encode() not in stored[0]
    assert stored[1] is None


def test_it_can_be_asked_whether_there_is_a_value(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(PERSON.insert(), [{"id": 1, "number": NUMBER}, {"id": 2, "number": None}])
        assert connection.execute(select(PERSON.c.id).where(PERSON.c.number.is_(None))).scalars().all() == [2]
        assert connection.execute(
            select(PERSON.c.id).where(PERSON.c.number.is_not(None))
        ).scalars().all() == [1]


@pytest.mark.parametrize(
    "comparison",
    [
        pytest.param(lambda column: column == NUMBER, id="equal"),
        pytest.param(lambda column: column.like("34%"), id="like"),
        pytest.param(lambda column: column < "35", id="less"),
        pytest.param(lambda column: column.in_([NUMBER]), id="one of"),
    ],
)
def test_a_search_that_could_never_find_anything_is_refused(comparison: Callable[[Any], Any]) -> None:
    with pytest.raises(NotComparableError):
        comparison(PERSON.c.number)


def test_without_a_key_ring_nothing_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fields, "_process", {})
    with pytest.raises(NoKeyRingError):
        fields.ring()
