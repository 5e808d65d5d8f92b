"""Listening: a port that is taken is refused like any other mistake."""

from __future__ import annotations

import asyncio

import pytest

from deploy.serving import listening
from tests.deploy.test_forwarded import whoever


async def test_a_port_that_is_taken_is_an_error_like_others_and_ends_no_loop() -> None:
    async with listening(whoever, "127.0.0.1", 0, drain_seconds=1) as port:
        with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1:{port}"):
            async with listening(whoever, "127.0.0.1", port, drain_seconds=1):
                pass
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
