"""A document as PDF, set by Typst: the words go in as data, never as markup, and the fonts are our own."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import typst
from pylopdf_fonts_zh_cn import sans_path, serif_path

from shared.documents.model import (
    Block,
    Document,
    Heading,
    Note,
    Paragraph,
    Picture,
    Pictures,
    Table,
    printable,
)


def to_pdf(document: Document) -> bytes:
    """Return a document as a PDF file. Slow enough for a thread: some tenths of a second."""
    # Typst takes pictures as files only. Nobody else can read the folder, and it is gone before the answer leaves.
    with TemporaryDirectory(prefix="fangfan-document-") as folder:
        place = Path(folder)
        blocks = [dict(_plain(block, place, number)) for number, block in enumerate(document.blocks)]
        content = {"title": printable(document.title), "blocks": blocks}
        place.joinpath("document.json").write_bytes(orjson.dumps(content))
        place.joinpath("layout.typ").write_bytes(_layout())
        return typst.compile(str(place / "layout.typ"), root=folder, font_paths=_fonts())


def _plain(block: Block, place: Path, number: int) -> Iterator[tuple[str, Any]]:
    """Yield a block as the layout reads it; pictures become files of the folder."""
    yield "kind", type(block).__name__.lower()
    match block:
        case Heading(words, level):
            yield from (("words", printable(words)), ("level", level))
        case Paragraph(words, right):
            yield from (("words", printable(words)), ("right", right))
        case Note(words):
            yield "words", printable(words)
        case Table(rows, header):
            yield "header", [printable(each) for each in header]
            yield "rows", [[printable(value) for value in row] for row in rows]
            yield "shares", block.shares
        case Pictures(pictures):
            yield (
                "pictures",
                [_filed(picture, place / f"{number}-{rank}.jpg") for rank, picture in enumerate(pictures)],
            )


def _filed(picture: Picture, path: Path) -> dict[str, Any]:
    path.write_bytes(picture.jpeg)
    return {"path": f"/{path.name}", "caption": printable(picture.caption), "width": picture.width}


@cache
def _layout() -> bytes:
    return files(__package__).joinpath("layout.typ").read_bytes()


@cache
def _fonts() -> typst.Fonts:
    # Those of the machine are left out: a page looks the same wherever it is made.
    folders = sorted({str(path.parent) for path in (serif_path(), sans_path())})
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
