"""Downloads: rows come as fast as the database gives them, and wait in a file for whoever reads slowly.

Streamed straight from a cursor, they would hold a connection for as long as their reader likes, and a few readers who
take nothing all of a pool.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from pathlib import Path
from tempfile import SpooledTemporaryFile

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from shared.database.csv_out import Sink

#: Writes a file, piece by piece.
Writing = Callable[[Sink], Awaitable[None]]
#: Bytes that wait in memory, more of them on the disk; and how many are sent at a time.
_IN_MEMORY, _CHUNK = 1024**2, 256 * 1024


class Download(StreamingResponse):
    """Rows as a file to save. Whatever they are read from is done with as soon as all are made, read or not."""

    body_iterator: AsyncGenerator[bytes]

    def __init__(self, write: Writing, *, filename: str, media_type: str, spool: Path) -> None:
        spool.mkdir(parents=True, exist_ok=True)
        headers = {"Content-Disposition": f'attachment; filename="{filename}"', "Cache-Control": "no-store"}
        super().__init__(_at_own_speed(write, spool), media_type=media_type, headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; once the reader has left nothing more is made."""
        async with aclosing(self.body_iterator):
            await super().__call__(scope, receive, send)


async def _at_own_speed(write: Writing, spool: Path) -> AsyncGenerator[bytes]:
    """Yield what is written at the speed at which it is taken, while it is written at its own."""
    # On the disk it has no name: whatever becomes of this process, nothing is left behind.
    with SpooledTemporaryFile(_IN_MEMORY, dir=str(spool)) as file:
        ahead = _Ahead(file)
        writing = asyncio.create_task(ahead.fill(write))
        try:
            while chunk := await ahead.next():
                yield chunk
            # It may have broken off.
            await writing
        finally:
            writing.cancel()
            await asyncio.wait([writing])


class _Ahead:
    """What is made and not taken yet."""

    def __init__(self, file: SpooledTemporaryFile[bytes]) -> None:
        self._file = file
        self._made = self._taken = 0
        self._is_whole = False
        self._news, self._turn = asyncio.Event(), asyncio.Lock()

    async def fill(self, write: Writing) -> None:
        """Let all be written."""
        try:
            await write(self._keep)
        finally:
            self._is_whole = True
            self._news.set()

    async def _keep(self, piece: bytes) -> None:
        async with self._turn:
            await asyncio.to_thread(self._append, piece)
        self._news.set()

    async def next(self) -> bytes:
        """Return what comes next, as soon as there is something; nothing at the end."""
        while self._taken == self._made and not self._is_whole:
            self._news.clear()
            await self._news.wait()
        async with self._turn:
            return await asyncio.to_thread(self._take)

    def _append(self, piece: bytes) -> None:
        self._file.seek(0, os.SEEK_END)
        self._file.write(piece)
        self._made += len(piece)

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
