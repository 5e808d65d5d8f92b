"""Client secrets: made here, shown once, kept as Argon2id."""

from __future__ import annotations

import asyncio
import secrets as random
import time

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from shared.refusal import Refusal

# OWASP's least for Argon2id: the secrets are 256 random bits, so nobody guesses them; a token must not cost more.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
#: Checked against when the client is unknown, so that the time of the answer tells nothing.
_NOBODY = _HASHER.hash(random.token_urlsafe(32))
_FAILURES_ALLOWED = 10
_FORGET_SECONDS = 300


class TooManyAttempts(Refusal):
    """Too many failed attempts for this client; wait five minutes."""

    status = 429
    code = "too_many_attempts"
    zh = "该客户端认证失败次数过多，请五分钟后再试"
    headers = {"Retry-After": "300"}  # noqa: RUF012 - declared ClassVar by Refusal


def new_secret() -> tuple[str, str]:
    """Return a secret and its hash."""
    secret = random.token_urlsafe(32)
    return secret, _HASHER.hash(secret)


async def matches(secret: str, secret_hash: str | None) -> bool:
    """Tell whether the secret belongs to the hash; off the event loop, for Argon2 is slow on purpose."""
    return await asyncio.to_thread(_matches, secret, secret_hash or _NOBODY) and secret_hash is not None


def _matches(secret: str, secret_hash: str) -> bool:
    try:
        return _HASHER.verify(secret_hash, secret)
    except (VerificationError, InvalidHashError):
        return False


class Attempts:
    """Counts failed attempts per client, to slow down guessing."""

    def __init__(self) -> None:
        self._failed: dict[str, list[float]] = {}

    def check(self, client_id: str) -> None:
        """Refuse a client that has failed too often of late."""
        since = time.monotonic() - _FORGET_SECONDS
        recent = [at for at in self._failed.get(client_id, []) if at > since]
        self._failed[client_id] = recent
        if len(recent) >= _FAILURES_ALLOWED:
            raise TooManyAttempts

    def failed(self, client_id: str) -> None:
        """Remember a failure."""
        self._failed.setdefault(client_id, []).append(time.monotonic())
