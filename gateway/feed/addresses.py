"""Where webhooks may go: public addresses only, and to the very address that was checked.

A subscriber's URL is resolved once per connection and the resolved address is used, so that a name cannot
point to the inside after the check (DNS rebinding). Private, loopback and link-local targets need the
installation's permission.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from shared.refusal import Refusal


class ForbiddenAddress(Refusal):
    """Webhooks cannot be sent to this address."""

    status = 422
    code = "forbidden_address"
    zh = "不允许向该地址推送"


def check_url(url: str, *, allow_private: bool) -> None:
    """Refuse what is not an http(s) URL of a host, or names a private address outright."""
    try:
        # Read as the client reads it: another reader may find another host, as in figures of full width.
        parts = URL(url)
    except ValueError as error:
        raise ForbiddenAddress from error
    host = parts.raw_host
    if parts.scheme not in ("https", "http") or not host or parts.user or parts.password:
        raise ForbiddenAddress
    if not allow_private and parts.scheme != "https":
        raise ForbiddenAddress("webhooks go over https", zh_detail="推送地址必须使用 https")
    if not allow_private and not _may_be_public(host):
        raise ForbiddenAddress


def _may_be_public(host: str) -> bool:
    """Tell whether a host is a name, which is looked at once it is resolved, or a public address."""
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        # ``127.1`` and ``2130706433`` are addresses too: the client asks no resolver about figures.
        return not host.replace(".", "").isdigit()


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
