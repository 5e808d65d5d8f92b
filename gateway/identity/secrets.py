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
_REMEMBERED = 20_000
_LONGEST_ID = 64


class TooManyAttempts(Refusal):
    """Too many failed attempts for this client from your address; wait five minutes."""

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
    """Counts failed attempts per client and address, to slow down guessing.

    By address, too: else anybody who knows a client's id could keep the client out, with two requests a minute.
    """

    def __init__(self) -> None:
        self._failed: dict[tuple[str, str], list[float]] = {}

    def check(self, client_id: str, address: str) -> None:
        """Refuse a client that has failed too often of late from there."""
        failed = self._failed.get(_who(client_id, address), ())
        if sum(at > time.monotonic() - _FORGET_SECONDS for at in failed) >= _FAILURES_ALLOWED:
            raise TooManyAttempts

    def failed(self, client_id: str, address: str) -> None:
        """Remember a failure."""
        now = time.monotonic()
        if len(self._failed) >= _REMEMBERED:
            self._forget_the_old(now - _FORGET_SECONDS)
        failed = self._failed.setdefault(_who(client_id, address), [])
        failed[:] = [*failed[1 - _FAILURES_ALLOWED :], now]

    def _forget_the_old(self, since: float) -> None:
        recent = {who: failed for who, failed in self._failed.items() if failed[-1] > since}
        # Whoever thinks of so many names within minutes is not kept up with; the machine's memory is.
        self._failed = recent if len(recent) < _REMEMBERED else {}


def _who(client_id: str, address: str) -> tuple[str, str]:
    return client_id[:_LONGEST_ID], address
