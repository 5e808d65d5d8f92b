"""What a row's stored history, applied change by change, gives: the row as it is shown."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlmodel import SQLModel

from shared.database.history import story
from shared.identity.principal import system
from tests.clients import ServiceUnderTest


async def history_replays(
    service: ServiceUnderTest, model: type[SQLModel], shown: dict[str, Any], *, unlike: Collection[str] = ()
) -> None:
    """See that the changes of a row, applied in order, give it; ``unlike`` are shown otherwise than they are stored."""
    async with service.database.reading(system("tests")) as db:
        changes = story(await db.history(shown["id"], model))
    replayed: dict[str, Any] = {}
    for change in changes:
        assert all(replayed.get(name) == before for name, (before, _) in change.fields.items())
        replayed |= {name: after for name, (_, after) in change.fields.items()}
    assert [change.version for change in changes] == list(range(1, shown["version"] + 1))
    shared = replayed.keys() & shown.keys() - {*unlike}
    assert {name: replayed[name] for name in shared} == {name: shown[name] for name in shared}
