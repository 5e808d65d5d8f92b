"""What the tests of natural changes have in common: a family, and how to change it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.services.household.conftest import VILLAGE, number


@dataclass
class House:
    """A household as its newest answer showed it."""

    client: httpx.AsyncClient
    view: dict[str, Any] = field(default_factory=dict)

    @classmethod
    async def of(cls, client: httpx.AsyncClient, *people: dict[str, Any], village: str = VILLAGE) -> House:
        body = {"division_code": village, "members": list(people)}
        answer = await client.post("/households", json=body)
        assert answer.status_code == 201, answer.text
        return cls(client, answer.json())

    @property
    def path(self) -> str:
        return f"/households/{self.view['id']}"

    def id_of(self, name: str, *, present: bool = True) -> str:
        """The id of somebody by name; of those who left where ``present`` is False."""
        found = [m for m in self.view["members"] if m["name"] == name and (m["left_on"] is None) == present]
        return str(found[-1]["id"])

    def present(self) -> dict[str, str]:
        """Who is there: name to relationship."""
        return {m["name"]: m["relationship"] for m in self.view["members"] if m["left_on"] is None}

    async def send(self, path: str, *, method: str = "POST", **body: Any) -> httpx.Response:
        """Send to somewhere below the household, at the version last seen."""
        tag = {"If-Match": f'"{self.view["version"]}"'}
        return await self.client.request(method, f"{self.path}{path}", json=body, headers=tag)

    async def do(self, path: str, **body: Any) -> House:
        """Post, expect success, and see what became of the household."""
        answer = await self.send(path, **body)
        assert answer.is_success, answer.text
        return await self.look()

    async def look(self) -> House:
        self.view = (await self.client.get(self.path)).json()
        return self

    async def changes(self) -> list[dict[str, Any]]:
        """The household's natural changes, oldest first."""
        items: list[dict[str, Any]] = (await self.client.get(f"{self.path}/changes")).json()["items"]
        return items

    async def undo(self, place: int = -1) -> httpx.Response:
        """Undo a change: the newest, unless told another."""
        change = (await self.changes())[place]
        return await self.send(f"/changes/{change['id']}/undo", reason="录入有误")


def person(name: str, relationship: str, birth: str, order: str) -> dict[str, Any]:
    return {"name": name, "relationship": relationship, "identity_number": number(birth, order)}


FATHER = person("王建国", "head", "19500101", "111")
MOTHER = person("李秀英", "spouse", "19520203", "222")
SON = person("王强", "son", "19750405", "333")
WIFE = person("赵敏", "daughter_in_law", "19760506", "444")
GRANDSON = person("王小宝", "grandson", "20050607", "555")
FAMILY = (FATHER, MOTHER, SON, WIFE, GRANDSON)
