"""Where webhooks may go: public addresses only, and to the very address that was checked.

A subscriber's URL is resolved once per connection and the resolved address is used, so that a name cannot
point to the inside after the check (DNS rebinding). Private, loopback and link-local targets need the
installation's permission.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from shared.refusal import Refusal


class ForbiddenAddress(Refusal):
    """Webhooks cannot be sent to this address."""

    status = 422
    code = "forbidden_address"
    zh = "不允许向该地址推送"


def check_url(url: str, *, allow_private: bool) -> None:
    """Refuse what is not an http(s) URL of a host, or names a private address outright."""
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.username or parts.password:
        raise ForbiddenAddress
    if not allow_private and parts.scheme != "https":
        raise ForbiddenAddress("webhooks go over https", zh_detail="推送地址必须使用 https")
    try:
        address = ipaddress.ip_address(parts.hostname)
    except ValueError:
        return
    if not allow_private and not address.is_global:
        raise ForbiddenAddress


class PublicResolver(AbstractResolver):
    """Resolves names to public addresses only; aiohttp then connects to exactly these."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a host, or fail where one of them is private."""
        found = await self._resolver.resolve(host, port, family)
        if not self._allow_private and any(
            not ipaddress.ip_address(each["host"]).is_global for each in found
        ):
            message = f"{host} resolves to an address that is not public"
            raise OSError(message)
        return found

    async def close(self) -> None:
        """Nothing is held."""


def outbound_session(*, allow_private: bool, **options: Any) -> aiohttp.ClientSession:
    """Return a client that reaches public addresses only and follows no redirect by itself."""
    connector = aiohttp.TCPConnector(resolver=PublicResolver(allow_private=allow_private), ttl_dns_cache=0)
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar(), **options)
