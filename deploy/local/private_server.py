"""What the private servers have in common: a life as a context, plain or async."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from contextlib import suppress
from types import TracebackType
from typing import Self

from deploy.local.processes import CannotStart


class PrivateServer(ABC):
    """A server of our own: leaving its context stops it, its data stay."""

    @abstractmethod
    def start(self) -> None:
        """Start, clear what a crash left behind, and wait until clients are answered."""

    @abstractmethod
    def stop(self) -> None:
        """Stop in order."""

    @abstractmethod
    def kill(self) -> None:
        """Crash at once."""

    @abstractmethod
    def destroy(self) -> None:
        """Stop, and delete the data."""

    def restart(self) -> None:
        """Stop and start, at the same address."""
        self.stop()
        self.start()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        starting = asyncio.create_task(asyncio.to_thread(self.start))
        try:
            await asyncio.shield(starting)
        except asyncio.CancelledError:
            # The thread goes on all the same: wait for it, so that an early Ctrl-C leaves no server behind.
            with suppress(CannotStart):
                await starting
            self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.stop)
