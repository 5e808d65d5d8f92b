"""Rate limits: a token bucket per client, told in the ``RateLimit`` headers (IETF draft, httpapi-ratelimit-headers)."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from shared.refusal import Refusal


class TooManyRequests(Refusal):
    """You are calling faster than agreed."""

    status = 429
    code = "too_many_requests"
    zh = "请求过于频繁，请稍后重试"

    def __init__(self, seconds: int) -> None:
        super().__init__()
        # Who comes again sooner is refused again: of people without a token each has one request in ten seconds.
        self.headers = {"Retry-After": str(seconds)}


#: Addresses of people without a token are many, and each is a caller.
_REMEMBERED = 100_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float


class RateLimits:
    """Buckets in this process's memory: each gateway process grants the full rate, which errs towards service."""

    def __init__(self, *, per_second: float, burst: int) -> None:
        self._per_second = per_second
        self._burst = burst
        self._buckets: dict[str, _Bucket] = {}

    def take(self, caller: str) -> list[tuple[bytes, bytes]]:
        """Count one request and return the headers that tell what is left, or refuse."""
        now = time.monotonic()
        if len(self._buckets) >= _REMEMBERED:
            self._forget_the_idle(now)
        bucket = self._buckets.setdefault(caller, _Bucket(self._burst, now))
        bucket.tokens = min(self._burst, bucket.tokens + (now - bucket.filled_at) * self._per_second)
        bucket.filled_at = now
        if bucket.tokens < 1:
            raise TooManyRequests(math.ceil((1 - bucket.tokens) / self._per_second))
        bucket.tokens -= 1
        reset = math.ceil((self._burst - bucket.tokens) / self._per_second)
        return [
            (
                b"ratelimit-policy",
                f'"client";q={self._burst};w={math.ceil(self._burst / self._per_second)}'.encode(),
            ),
            (b"ratelimit", f'"client";r={int(bucket.tokens)};t={reset}'.encode()),
        ]

    def _forget_the_idle(self, now: float) -> None:
        """Drop the buckets that are full again: to their callers nothing changes."""
        idle_since = now - self._burst / self._per_second
        self._buckets = {
            caller: bucket for caller, bucket in self._buckets.items() if bucket.filled_at > idle_since
        }
