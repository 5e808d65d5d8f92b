"""A batch that a program sends page after page: each page once, in any order, as long as it takes."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Collection
from pathlib import Path
from uuid import UUID

import orjson
from sqlmodel import col, func, select

from services.monitoring.batches.model import Comparison, ComparisonPage, Mode
from services.monitoring.comparisons import errors
from services.monitoring.comparisons.commands import Wanted, new_batch, queue, refuse_alone
from services.monitoring.comparisons.schemas import PageDraft
from services.monitoring.comparisons.supersession import one_at_a_time
from services.monitoring.datasets.catalog import datasets
from shared.database import Writer
from shared.disk import keep_on_disk
from shared.refusal import NotFound
from shared.sheets.returning import is_returned
from shared.web.problems import TooLarge

#: Pages that a refusal names.
_NAMED = 10


async def open_batch(db: Writer, wanted: Wanted) -> Comparison:
    """Begin a batch that comes in pages."""
    batch = new_batch(db, wanted, filename="", digest="")
    db.add(batch)
    await db.flush()
    return batch


async def add_page(
    db: Writer, batch_id: UUID, number: int, draft: PageDraft, *, spool: Path, limit: int
) -> ComparisonPage:
    """Take a page; the same one again is no further one. All of a batch hold no more than ``limit`` bytes."""
    await one_at_a_time(db, "pages", str(batch_id))
    batch = await _open(db, batch_id)
    written = draft.written()
    lines = b"".join(orjson.dumps(row) + b"\n" for row in written)
    page = ComparisonPage(
        comparison_id=batch.id,
        number=number,
        # As the comparison counts them: an object without a word is an empty line.
        rows=sum(any(cell and cell.strip() for cell in row.values()) for row in written),
        bytes=len(lines),
        digest=hashlib.sha256(lines).hexdigest(),
    )
    known = await db.first(
        select(ComparisonPage).where(
            col(ComparisonPage.comparison_id) == batch.id, col(ComparisonPage.number) == number
        )
    )
    if known is not None and known.digest != page.digest:
        raise errors.PageDiffers
    if known is None:
        await _expect_room(db, page, limit)
    # Written again if it was: a transaction that failed may have left half of it.
    await asyncio.to_thread(_write, folder_of(spool, batch.id), number, lines)
    if known is None:
        db.add(page)
        await db.flush()
    return page


async def close_batch(db: Writer, batch_id: UUID, pages: int, *, spool: Path) -> Comparison:
    """Say that all pages are there, and ask for the comparison; closed again, it is the batch that it was.

    None at all: there is nobody to tell of.
    """
    await one_at_a_time(db, "pages", str(batch_id))
    batch = await _own(db, batch_id)
    sent = await db.all(
        select(ComparisonPage)
        .where(col(ComparisonPage.comparison_id) == batch.id)
        .order_by(col(ComparisonPage.number))
    )
    if batch.job_id is not None and batch.digest and len(sent) == pages:
        return batch
    await _open(db, batch_id)
    _expect_all(pages, {page.number for page in sent})
    await asyncio.to_thread(_keep_only, folder_of(spool, batch.id), {page.number for page in sent})
    if pages and await asyncio.to_thread(_are_returned, folder_of(spool, batch.id)):
        await refuse_alone(db, Wanted(datasets()[batch.dataset], batch.period, Mode(batch.mode)))
    batch.digest = hashlib.sha256("".join(page.digest for page in sent).encode()).hexdigest()
    await queue(db, batch, folder_of(spool, batch.id), "pages", nobody=pages == 0)
    return batch


async def _expect_room(db: Writer, page: ComparisonPage, limit: int) -> None:
    """Refuse a page with which the batch would hold more than a file may."""
    held = select(func.coalesce(func.sum(ComparisonPage.bytes), 0)).where(
        col(ComparisonPage.comparison_id) == page.comparison_id
    )
    if await db.scalar(held) + page.bytes > limit:
        raise TooLarge(
            "all pages of a batch hold no more than a file may",
            zh_detail="同一批次的全部分页合计不得超过单个文件的大小上限",
        )


def _expect_all(pages: int, sent: set[int]) -> None:
    """Refuse where pages are missing, or more came than there are said to be."""
    missing, beyond = sorted(set(range(1, pages + 1)) - sent), sorted(sent - set(range(1, pages + 1)))
    for numbers, english, chinese in (
        (missing, "missing of {}: {}", "共 {} 页，缺少第 {} 页"),
        (beyond, "more came than {}: {}", "共 {} 页，多出第 {} 页"),
    ):
        if numbers:
            which = ", ".join(map(str, numbers[:_NAMED])) + ("…" if numbers[_NAMED:] else "")
            raise errors.PagesMissing(
                english.format(pages, which), zh_detail=chinese.format(pages, which.replace(", ", "、"))
            )


async def _open(db: Writer, batch_id: UUID) -> Comparison:
    batch = await _own(db, batch_id)
    if batch.digest:
        raise errors.NotOpen
    return batch


async def _own(db: Writer, batch_id: UUID) -> Comparison:
    batch = await db.get(Comparison, batch_id)
    if batch.owner != db.principal.subject:
        raise NotFound
    return batch


def folder_of(spool: Path, batch_id: UUID) -> Path:
    """Return where a batch's pages wait."""
    return spool / f"{batch_id}.pages"


def _are_returned(folder: Path) -> bool:
    """Tell whether all pages hold rows that were handed back: among others, they come with what they belong to."""
    return all(is_returned(page, "ndjson") for page in folder.glob("*.ndjson"))


def _write(folder: Path, number: int, lines: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    half = folder / f"{number:08}.part"
    half.write_bytes(lines)
    page = half.rename(folder / _name(number))
    # All pages are compared together, weeks later perhaps: of one that was lost nobody would know.
    keep_on_disk(page, below=folder.parent)


def _keep_only(folder: Path, numbers: Collection[int]) -> None:
    """Delete pages that were written, but never taken: all that is there is compared."""
    for page in set(folder.glob("*")) - {folder / _name(number) for number in numbers}:
        page.unlink()


def _name(number: int) -> str:
    return f"{number:08}.ndjson"
