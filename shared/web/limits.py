"""What is too large is refused before it has been read to its end."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message


class LimitedReceive:
    """Counts a request's body as it arrives."""

    def __init__(self, request: Request, limit: int) -> None:
        self._receive = request.receive
        self._left = limit

    async def __call__(self) -> Message:
        """Return the next part, or refuse with 413."""
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            # Not a Refusal: FastAPI takes any other error while it reads for a malformed body.
            raise HTTPException(413)
        return message
