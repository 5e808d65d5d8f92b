"""Readers who ask for something and then take nothing of it."""

from __future__ import annotations

import asyncio
import socket

from sqlalchemy import QueuePool

from tests.clients import ServiceUnderTest

#: As little as the system lets wait on its way to a reader.
_LEAST = 4096
_BEGUN = b"HTTP/1.1 200"
#: More than a service under test has connections.
_READERS = 6


async def ask_and_take_nothing(under: ServiceUnderTest, path: str, accept: str, area: str) -> bool:
    """Tell whether a service has all its connections back while county officers take nothing of their answers."""
    loop, pool = asyncio.get_running_loop(), under.database.engine.pool
    assert isinstance(pool, QueuePool)
    readers = [socket.socket() for _ in range(_READERS)]
    async with under.served("county_officer", area) as (url, headers):
        lines = [f"GET {path} HTTP/1.1", "Host: service", f"Accept: {accept}"]
        asked = "\r\n".join([*lines, *map(": ".join, headers.items()), "", ""]).encode()
        try:
            for reader in readers:
                reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _LEAST)
                reader.setblocking(False)
                await loop.sock_connect(reader, ("127.0.0.1", int(url.rpartition(":")[2])))
                await loop.sock_sendall(reader, asked)
            begun = await asyncio.gather(*(loop.sock_recv(reader, len(_BEGUN)) for reader in readers))
            async with asyncio.timeout(20):
                while pool.checkedout():
                    await asyncio.sleep(0.05)
        except TimeoutError:
            return False
        finally:
            for reader in readers:
                reader.close()
    return begun == [_BEGUN] * _READERS
