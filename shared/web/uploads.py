"""Uploads: streamed to the spool, limited, digested and recognised by content; never a whole file in memory."""

from __future__ import annotations

import asyncio
import codecs
import hashlib
import re
from base64 import b64decode
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Literal
from urllib.parse import unquote

from fastapi import Request
from starlette.formparsers import MultiPartException

from shared.assembly import Runtime
from shared.disk import keep_on_disk
from shared.keys import uuid7
from shared.refusal import Refusal
from shared.web.document import header
from shared.web.idempotency import Keyed
from shared.web.limits import LimitedReceive
from shared.web.problems import MalformedRequest, TooLarge

FileKind = Literal["xlsx", "csv", "ndjson"]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV, NDJSON = "text/csv", "application/x-ndjson"
#: Tables by their media type, and how a file of each is called.
TABLES: Mapping[str, FileKind] = {XLSX: "xlsx", CSV: "csv", NDJSON: "ndjson"}
_CHUNK = 1024 * 1024
_SNIFFED = 4096
#: Beside a NUL these tell that a file is no text; it may end with the one (SUB) that is not among them.
_NO_SIGNS = re.compile(rb"[\x01-\x08\x0e-\x19\x1c-\x1f]")
#: Signs that stand in every table, and in UTF-16 beside a NUL each.
_FRAME = b',;\t\n"'
#: PDF, gzip, RAR.
_NO_TABLES = (b"%PDF", b"\x1f\x8b", b"Rar!")
#: Of whatever Office wrote before 2007, and of what it locks with a password since.
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_LONGEST_NAME = 200
_SHA256 = re.compile(r"sha-256=:([^:]*):", re.IGNORECASE)


class UnknownFileKind(Refusal):
    """The file is of no kind that is taken here."""

    status = 415
    code = "unknown_file_kind"
    zh = "不支持的文件类型，请上传 XLSX、CSV 或 NDJSON"


class DigestDiffers(Refusal):
    """What arrived is not what the sender's digest tells: send it again."""

    status = 422
    code = "digest_differs"
    zh = "收到的文件与校验值不一致，请重新发送"


#: How ``receive_upload`` refuses.
UNTAKEN = (UnknownFileKind, DigestDiffers, TooLarge)


@dataclass(frozen=True, slots=True)
class Spooled:
    """A file in the spool, of any kind."""

    path: Path
    #: Hex SHA-256 of the content.
    digest: str
    size: int
    #: As the sender calls it, for people only: never used as a path.
    filename: str


@dataclass(frozen=True, slots=True)
class Upload(Spooled):
    """A table in the spool. Whoever takes it over deletes it when done."""

    kind: FileKind


_FILENAME = header(
    "X-Filename",
    "原文件名，百分号编码的 UTF-8。The file's name, percent-encoded UTF-8; a form's part has its own.",
)


def taking(*kinds: str) -> dict[str, Any]:
    """Return, for ``openapi_extra=``, what an endpoint takes that reads its body as a stream: no model tells it."""
    file = {"type": "string", "format": "binary"}
    form = {"type": "object", "required": ["file"], "properties": {"file": file}}
    content = {kind: {"schema": file} for kind in kinds} | {"multipart/form-data": {"schema": form}}
    return {"requestBody": {"required": True, "content": content}, "parameters": [_FILENAME]}


async def receive_upload(request: Request) -> Upload:
    """Stream the request's table (the raw body, or the part ``file`` of a form) into the spool.

    Refuses with ``TooLarge`` as soon as the limit is passed, with ``DigestDiffers``, and with ``UnknownFileKind`` by
    content.
    """
    runtime: Runtime = request.app.state.runtime
    async with _kept_if_taken(runtime) as path:
        spooled = await _receive(request, path, runtime.common.max_upload_bytes)
        kind = _kind_of(path)
        # Its job may read it tomorrow.
        await asyncio.to_thread(keep_on_disk, path, below=runtime.spool)
        return Upload(path, spooled.digest, spooled.size, spooled.filename, kind)


@asynccontextmanager
async def received_file(request: Request, limit: int) -> AsyncIterator[Spooled]:
    """Stream the request's file into the spool, and delete it there in the end.

    Refuses with ``TooLarge`` as soon as ``limit`` bytes are passed, and with ``DigestDiffers``.
    """
    runtime: Runtime = request.app.state.runtime
    async with _kept_if_taken(runtime) as path:
        spooled = await _receive(request, path, limit)
        yield spooled
        path.unlink(missing_ok=True)


@asynccontextmanager
async def _kept_if_taken(runtime: Runtime) -> AsyncIterator[Path]:
    folder = runtime.spool
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{uuid7()}.upload"
    try:
        yield path
    except BaseException:
        path.unlink(missing_ok=True)
        raise


async def _receive(request: Request, path: Path, limit: int) -> Spooled:
    """Spool what is sent.

    Refuses with ``DigestDiffers`` where the content is not what ``Content-Digest`` or ``Repr-Digest`` (RFC 9530)
    tells of a raw body: of a form they tell more than its file.
    """
    if _is_form(request):
        filename, digest, size = await _from_form(request, path, limit)
    else:
        filename = unquote(request.headers.get("x-filename", ""))
        digest, size = await _spool(_limited(request.stream(), limit), path)
        _expect_digest(request, digest)
    keyed: Keyed | None = request.state.keyed
    if keyed:
        await keyed.claim(digest.encode())
    return Spooled(path, digest, size, _harmless(filename))


def _is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").startswith("multipart/form-data")


def _expect_digest(request: Request, digest: str) -> None:
    told = ",".join(request.headers.get(name, "") for name in ("content-digest", "repr-digest"))
    # Of other algorithms nothing is held against the content: a sender may give several.
    if any(bytes.fromhex(digest) != _decoded(each) for each in _SHA256.findall(told)):
        raise DigestDiffers


def _decoded(written: str) -> bytes | None:
    try:
        return b64decode(written, validate=True)
    except ValueError:
        return None


async def _from_form(request: Request, path: Path, limit: int) -> tuple[str, str, int]:
    form_request = Request(request.scope, LimitedReceive(request, limit))
    try:
        # Starlette spools parts beyond 1 MB to disk itself.
        async with form_request.form(max_files=1, max_fields=10) as form:
            part = form.get("file")
            if part is None or isinstance(part, str):
                raise MalformedRequest("the form has no part 'file'", zh_detail="表单中缺少 file 文件")
            digest, size = await _spool(_file_chunks(part.file), path)
            return part.filename or "", digest, size
    except MultiPartException as error:
        raise MalformedRequest from error


async def _limited(chunks: AsyncIterator[bytes], limit: int) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        limit -= len(chunk)
        if limit < 0:
            raise TooLarge
        yield chunk


async def _file_chunks(file: BinaryIO) -> AsyncIterator[bytes]:
    while chunk := await asyncio.to_thread(file.read, _CHUNK):
        yield chunk


async def _spool(chunks: AsyncIterator[bytes], path: Path) -> tuple[str, int]:
    digest, size, pending = hashlib.sha256(), 0, bytearray()
    with path.open("wb") as spool:

        def write(data: bytes) -> None:
            digest.update(data)
            spool.write(data)

        async for chunk in chunks:
            pending += chunk
            size += len(chunk)
            if len(pending) >= _CHUNK:
                # Off the event loop: a slow disk must not stop other requests.
                await asyncio.to_thread(write, bytes(pending))
                pending.clear()
        await asyncio.to_thread(write, bytes(pending))
    return digest.hexdigest(), size


def _kind_of(path: Path) -> FileKind:
    with path.open("rb") as file:
        head = file.read(_SNIFFED)
    if head.startswith(b"PK\x03\x04"):
        return "xlsx"
    if head.startswith(_OLD_OFFICE):
        raise UnknownFileKind(
            "an old (.xls) or locked workbook: save it as .xlsx without a password",
            zh_detail="旧版 Excel（.xls）或加密的文件：请另存为不加密的 .xlsx",
        )
    # Excel's "Unicode text" is UTF-16, in which every other byte is NUL.
    is_utf16 = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = head.decode("utf-16", errors="ignore").encode() if is_utf16 else head.removeprefix(codecs.BOM_UTF8)
    if b"\0" in text and (_NO_SIGNS.search(text) or (not is_utf16 and _is_unmarked_utf16(head))):
        raise UnknownFileKind
    # One that strayed into a text is read as a blank, here as in any later line.
    text = text.replace(b"\0", b" ")
    # JSON is UTF-8, whoever writes it.
    is_json = text.lstrip().startswith(b"{")
    if not text.strip() and len(head) < _SNIFFED:
        raise UnknownFileKind("the file is empty", zh_detail="文件是空的")
    if not text.strip() or head.startswith(_NO_TABLES) or (is_json and is_utf16):
        raise UnknownFileKind
    return "ndjson" if is_json else "csv"


def _is_unmarked_utf16(head: bytes) -> bool:
    """Tell UTF-16 that does not say so from a text with NULs: most signs that frame its cells stand beside one."""
    units = Counter(zip(head[::2], head[1::2], strict=False))
    framing = sum(head.count(sign) for sign in _FRAME)
    framed = max(sum(units[sign, 0] for sign in _FRAME), sum(units[0, sign] for sign in _FRAME))
    return not units[0, 0] and 2 * framed > framing


def _harmless(filename: str) -> str:
    """Return the last part of a file name, without control characters or folders."""
    name = PurePosixPath(filename.replace("\\", "/")).name
    return "".join(character for character in name if character.isprintable())[:_LONGEST_NAME]
