"""A caller of the public API, as any front end would be: token, JSON, and a complaint when something is refused."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, Self

import httpx

#: What is not now may be in a moment.
_LATER = (429, 503)
_AGAIN_SECONDS = 0.5
#: A line of server-sent events that holds what is told.
_DATA = "data:"


class Refused(RuntimeError):  # noqa: N818 - it says what happened
    """The API refused what the story expected it to take."""


class Caller:
    """Somebody with client credentials."""

    def __init__(self, url: str, client_id: str, secret: str) -> None:
        self._url = url
        self._credentials = (client_id, secret)
        self._http = httpx.AsyncClient(base_url=f"{url}/api/v1", timeout=120)
        self.client_id = client_id

    async def __aenter__(self) -> Self:
        """Get a token."""
        form = {"grant_type": "client_credentials"}
        answer = await self._http.post(f"{self._url}/oauth/token", data=form, auth=self._credentials)
        self.token: str = _taken(answer).json()["access_token"]
        self._http.headers["Authorization"] = f"Bearer {self.token}"
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request; 429 and 503 are tried again, as their headers ask."""
        while True:
            answer = await self._http.request(method, path, **options)
            if answer.status_code not in _LATER:
                return _taken(answer)
            await asyncio.sleep(float(answer.headers.get("retry-after", 1)))

    async def get(self, path: str, **query: Any) -> Any:
        """GET JSON."""
        return (await self.send("GET", path, params=query)).json()

    async def post(self, path: str, body: Any = None, *, version: int | None = None, **query: Any) -> Any:
        """POST JSON, on the version that was read where one is given."""
        headers = {"If-Match": f'"{version}"'} if version is not None else {}
        return (await self.send("POST", path, json=body or {}, headers=headers, params=query)).json()

    async def all(self, path: str, **query: Any) -> AsyncIterator[dict[str, Any]]:
        """Go through a list, page by page."""
        cursor: dict[str, str] = {}
        while True:
            page = await self.get(path, **query, **cursor, limit=200)
            for item in page["items"]:
                yield item
            if page["next"] is None:
                return
            cursor = {"cursor": page["next"]}

    async def job(self, location: str) -> dict[str, Any]:
        """Follow a job until it ends and return its result."""
        path = location.removeprefix("/api/v1")
        while True:
            async for job in self._followed(path):
                if job["state"] == "succeeded":
                    return dict(job["result"])
                if job["state"] == "failed":
                    raise Refused(str(job["error"]))
            # Whoever told us has stopped, or is busy: another one knows as much.
            await asyncio.sleep(_AGAIN_SECONDS)

    async def _followed(self, path: str) -> AsyncIterator[dict[str, Any]]:
        async with self._http.stream("GET", f"{path}/events") as answer:
            if answer.status_code in _LATER:
                return
            if answer.is_error:
                await answer.aread()
                _taken(answer)
            async for line in answer.aiter_lines():
                if line.startswith(_DATA):
                    yield json.loads(line.removeprefix(_DATA))


def _taken(answer: httpx.Response) -> httpx.Response:
    if answer.is_error:
        raise Refused(
            f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:500]}"
        )
    return answer
