"""Downloads: rows come as fast as the database gives them, and wait in a file for whoever reads slowly.

Streamed straight from a cursor, they would hold a connection for as long as their reader likes, and a few readers who
take nothing all of a pool.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from tempfile import SpooledTemporaryFile

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

#: Bytes that wait in memory, more of them on the disk; and how many are sent at a time.
_IN_MEMORY, _CHUNK = 1024**2, 256 * 1024


class Download(StreamingResponse):
    """Rows as a file to save. Whatever they are read from is done with as soon as all are made, read or not."""

    body_iterator: AsyncGenerator[bytes]

    def __init__(self, chunks: AsyncGenerator[bytes], *, filename: str, media_type: str, spool: Path) -> None:
        spool.mkdir(parents=True, exist_ok=True)
        headers = {"Content-Disposition": f'attachment; filename="{filename}"', "Cache-Control": "no-store"}
        super().__init__(_at_own_speed(chunks, spool), media_type=media_type, headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; once the reader has left nothing more is made."""
        async with aclosing(self.body_iterator):
            await super().__call__(scope, receive, send)


async def _at_own_speed(chunks: AsyncGenerator[bytes], spool: Path) -> AsyncGenerator[bytes]:
    """Yield what chunks hold at the speed at which it is taken, while they come at theirs."""
    # On the disk it has no name: whatever becomes of this process, nothing is left behind.
    with SpooledTemporaryFile(_IN_MEMORY, dir=str(spool)) as file:
        ahead = _Ahead(file)
        making = asyncio.create_task(ahead.take_in(chunks))
        try:
            while chunk := await ahead.next():
                yield chunk
            # It may have broken off.
            await making
        finally:
            making.cancel()
            await asyncio.wait([making])


class _Ahead:
    """What is made and not taken yet."""

    def __init__(self, file: SpooledTemporaryFile[bytes]) -> None:
        self._file = file
        self._made = self._taken = 0
        self._is_whole = False
        self._news, self._turn = asyncio.Event(), asyncio.Lock()

    async def take_in(self, chunks: AsyncGenerator[bytes]) -> None:
        """Keep all chunks."""
        try:
            async with aclosing(chunks):
                async for chunk in chunks:
                    async with self._turn:
                        await asyncio.to_thread(self._append, chunk)
                    self._news.set()
        finally:
            self._is_whole = True
            self._news.set()

    async def next(self) -> bytes:
        """Return what comes next, as soon as there is something; nothing at the end."""
        while self._taken == self._made and not self._is_whole:
            self._news.clear()
            await self._news.wait()
        async with self._turn:
            return await asyncio.to_thread(self._take)

    def _append(self, chunk: bytes) -> None:
        self._file.seek(0, os.SEEK_END)
        self._file.write(chunk)
        self._made += len(chunk)

    def _take(self) -> bytes:
        self._file.seek(self._taken)
        taken = self._file.read(_CHUNK)
        self._taken += len(taken)
        if self._taken == self._made:
            # Whoever keeps up needs no room for the whole.
            self._file.seek(0)
            self._file.truncate()
            self._taken = self._made = 0
        return taken
