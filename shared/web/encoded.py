"""Bodies that are packed (gzip and so on): nobody here unpacks one, and what is packed is not what was sent."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.refusal import Refusal
from shared.web.language import preferred
from shared.web.problems import problem_response

#: Headers that tell it, by what they say where nothing is packed. Chunks are the server's own matter.
_PLAIN = {b"content-encoding": {b"", b"identity"}, b"transfer-encoding": {b"", b"identity", b"chunked"}}


class EncodedBody(Refusal):
    """Compressed bodies are not taken: send it as it is."""

    status = 415
    code = "encoded_body"
    zh = "不支持压缩的请求体，请不要压缩，按原样发送"
    #: What is taken instead (RFC 9110, 12.5.3).
    headers: Mapping[str, str] = {"Accept-Encoding": "identity"}


class Unencoded:
    """ASGI middleware that refuses a packed body before anything of it is read."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "http" and _is_encoded(scope):
            language = preferred(Headers(scope=scope).get("accept-language"))
            await problem_response(EncodedBody(), language)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _is_encoded(scope: Scope) -> bool:
    return any(
        coding.strip().lower() not in _PLAIN[name]
        for name, value in scope["headers"]
        if name in _PLAIN
        for coding in value.split(b",")
    )
