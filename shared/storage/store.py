"""A store of files by their content, on a local folder or with an S3-compatible service, through ``obstore``.

A file's address is the SHA-256 of its content: the same photo sent twice is stored once, and what an address
gives never changes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qs, unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from shared.disk import keep_on_disk
from shared.logging import log
from shared.refusal import Refusal

if TYPE_CHECKING:
    from obstore.store import ObjectStore, S3Config

_log = log(__name__)
_CHUNK = 256 * 1024
_OPTIONS: dict[str, Literal["endpoint", "region"]] = {"endpoint": "endpoint", "region": "region"}
_CONNECT, _ANSWER, _RETRY = timedelta(seconds=3), timedelta(seconds=30), timedelta(seconds=10)


class StorageUnreachable(Refusal):
    """The store of files does not answer, or not with what was put there; everything else works."""

    status = 503
    code = "storage_unreachable"
    zh = "附件存储暂不可用，请稍后再试"


class Storage:
    """Files by the hex SHA-256 of their content, in one folder of the store: who sweeps it has it alone.

    ``url`` is ``file:///folder``, or ``s3://bucket/prefix?endpoint=https://…&region=…`` with the credentials in
    the environment that every S3 client reads (``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY``, …).
    """

    def __init__(self, url: str, folder: str) -> None:
        check_url(url)
        self._store = _store(url, folder)
        self._local = _local(url, folder)

    async def put(self, digest: str, path: Path) -> None:
        """Store a file; it is there whole or not at all, and stays through a power cut."""
        with _reaching("put"):
            await obstore.put_async(self._store, _place(digest), path)
            if self._local:
                await asyncio.to_thread(keep_on_disk, self._local / _place(digest), below=self._local)

    async def has(self, digest: str, size: int) -> bool:
        """Tell whether a file is there whole: what a power cut left of one is put again."""
        with _reaching("head"):
            try:
                found = await obstore.head_async(self._store, _place(digest))
            except FileNotFoundError:
                return False
            return found["size"] == size

    async def open(self, digest: str) -> AsyncIterator[bytes]:
        """Return a file in chunks; refuses before the first of them if the store does not answer."""
        with _reaching("get"):
            found = await obstore.get_async(self._store, _place(digest))
        return _chunks(found)

    async def delete(self, digest: str) -> None:
        """Delete a file; one that is gone already is no error."""
        with _reaching("delete"):
            try:
                await obstore.delete_async(self._store, _place(digest))
            except FileNotFoundError:
                return

    async def digests(self) -> AsyncIterator[list[str]]:
        """Yield the digests of all files, a thousand or so at a time."""
        with _reaching("list"):
            async for listed in obstore.list(self._store, chunk_size=1000):
                yield [Path(each["path"]).name for each in listed]


def check_url(url: str) -> None:
    """Raise ``ValueError`` where a URL names no store; none is asked whether it answers."""
    parts = urlsplit(url)
    # What follows two slashes alone is a host: the folder would be another one than its writer meant.
    is_folder = parts.scheme == "file" and not parts.netloc and parts.path.startswith("/")
    if not is_folder and not (parts.scheme == "s3" and parts.netloc):
        raise ValueError("a store is file:///folder or s3://bucket/prefix?endpoint=…&region=…")
    if unknown := parse_qs(parts.query).keys() - _OPTIONS.keys():
        raise ValueError(f"a store has no option {', '.join(sorted(unknown))}")


async def _chunks(found: obstore.GetResult) -> AsyncIterator[bytes]:
    async for chunk in found.stream(min_chunk_size=_CHUNK):
        yield bytes(chunk)


def _local(url: str, folder: str) -> Path | None:
    parts = urlsplit(url)
    return Path(unquote(parts.path), folder) if parts.scheme == "file" else None


def _store(url: str, folder: str) -> ObjectStore:
    if local := _local(url, folder):
        return LocalStore(local, mkdir=True)
    parts = urlsplit(url)
    config: S3Config = {}
    for name, values in parse_qs(parts.query).items():
        config[_OPTIONS[name]] = values[0]
    return S3Store(
        parts.netloc,
        prefix=f"{parts.path}/{folder}".strip("/"),
        client_options={"connect_timeout": _CONNECT, "timeout": _ANSWER, "allow_http": True},
        retry_config={"max_retries": 3, "retry_timeout": _RETRY},
        config=config,
    )


def _place(digest: str) -> str:
    # Folders of some thousand files: an old file system slows down with millions in one.
    return f"{digest[:2]}/{digest[2:4]}/{digest}"


@contextmanager
def _reaching(what: str) -> Iterator[None]:
    try:
        yield
    except (BaseError, OSError) as error:
        # Its message names hosts and folders: for the log, not for the caller.
        _log.warning("storage.unreachable", doing=what, error=str(error).partition("\n")[0])
        raise StorageUnreachable from error
