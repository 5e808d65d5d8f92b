"""Documents to print: the same words in DOCX and PDF, whatever somebody is called, and pictures that fit."""

from __future__ import annotations

from io import BytesIO

import docx
import pypdfium2
import pytest
from hypothesis import given, settings, strategies as st
from PIL import Image, ImageOps

from shared.documents import (
    Document,
    Heading,
    Note,
    Paragraph,
    Pictures,
    Table,
    presentable,
    to_docx,
    to_pdf,
)
from shared.documents.model import printable
from tests.documents import image, words_of, words_of_docx

HOSTILE = [
    '#import "/etc/passwd": *',
    "$x^2$ *粗* _斜_ `码` <标签> @引用 \\",
    "<w:t>&amp;</w:t>]]>",
    "= 标题\n- 项",
    "一\x00二\x08三\x1f四\x7f",
    "甲\ud800乙\ufffe",
    "\u202e颠倒\u202c",
    "𬱖㛃䶮堃",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_somebody_is_called_stands_there_as_it_is(name: str) -> None:
    document = Document(name, [Heading(name), Paragraph(name), Note(name), Table([[name]], header=[name])])
    written = printable(name)
    assert words_of_docx(to_docx(document)).count(written) == 6
    letters = "".join(written.split())
    assert words_of(to_pdf(document)).count(letters) == 6


@settings(max_examples=25)
@given(st.text(max_size=200))
def test_no_words_break_a_document(words: str) -> None:
    document = Document(words, [Paragraph(words), Table([[words, words]])])
    assert to_docx(document).startswith(b"PK")
    assert to_pdf(document).startswith(b"%PDF")


def test_the_header_of_a_long_table_stands_on_every_page() -> None:
    pdf = to_pdf(Document("长表", [Table([["某户", n] for n in range(150)], header=["户主", "序号"])]))
    with pypdfium2.PdfDocument(pdf) as document:
        pages = [page.get_textpage().get_text_range() for page in document]
    assert len(pages) > 2
    assert all("户主" in page for page in pages)
    assert f"第{len(pages)}页" in "".join(pages[-1].split())


def test_a_word_longer_than_its_column_is_broken_and_can_be_copied_whole() -> None:
    digest = "0123456789abcdef" * 4
    pdf = to_pdf(Document("摘要", [Table([[digest, "右"]], widths=(1, 6))]))
    with pypdfium2.PdfDocument(pdf) as document:
        page = document[0].get_textpage()
        words = page.get_text_range()
        edges = {
            words[place]: page.get_charbox(place) for place in range(len(words)) if words[place] in "f右"
        }
    assert edges["f"][2] < edges["右"][0]
    assert digest in "".join(words.split())


@pytest.mark.parametrize(
    "content",
    [image(3000, 4000, "JPEG"), image(300, 40, "PNG", "RGBA"), image(50, 50, "WEBP"), image(20, 3000, "PNG")],
    ids=["photo", "signature", "webp", "strip"],
)
def test_a_picture_is_made_small_and_stands_in_both(content: bytes) -> None:
    picture = presentable(content, "入户照片")
    assert picture is not None
    with Image.open(BytesIO(picture.jpeg)) as shown:
        assert (shown.format, max(shown.size) <= 1200) == ("JPEG", True)
    document = Document("照片", [Pictures([picture, picture, picture])])
    assert len(docx.Document(BytesIO(to_docx(document))).inline_shapes) == 3
    assert words_of(to_pdf(document)).count("入户照片") == 3


def test_a_photo_is_shown_upright_without_what_the_camera_wrote_into_it() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "a phone of somebody"
    made = BytesIO()
    Image.new("RGB", (40, 20), "red").save(made, "JPEG", exif=exif)
    picture = presentable(made.getvalue(), "")
    assert picture is not None
    with Image.open(BytesIO(picture.jpeg)) as shown:
        assert (shown.size, len(shown.getexif())) == ((20, 40), 0)


@pytest.mark.parametrize("held", range(1, 9))
def test_a_photo_is_upright_however_the_camera_was_held(held: int) -> None:
    exif, made, whole = Image.Exif(), BytesIO(), Image.new("RGB", (40, 20), "white")
    whole.paste("black", (0, 0, 10, 10))
    exif[0x0112] = held
    whole.save(made, "PNG", exif=exif)
    picture = presentable(made.getvalue(), "")
    assert picture is not None
    with Image.open(made) as given, Image.open(BytesIO(picture.jpeg)) as shown:
        expected = ImageOps.exif_transpose(given)
        assert shown.size == expected.size
        assert _corners(shown) == _corners(expected)


def test_a_photo_is_shown_whatever_is_broken_in_what_the_camera_wrote_beside() -> None:
    exif, made = Image.Exif(), BytesIO()
    exif[0x0112], exif[0x011A] = 6, 72.0
    Image.new("RGB", (40, 20), "red").save(made, "JPEG", exif=exif)
    # The resolution is a fraction; here it says that it is a text.
    broken = made.getvalue().replace(b"\x01\x1a\x00\x05", b"\x01\x1a\x00\x02")
    assert broken != made.getvalue()
    picture = presentable(broken, "")
    assert picture is not None
    with Image.open(BytesIO(picture.jpeg)) as shown:
        assert shown.size == (20, 40)


def _corners(picture: Image.Image) -> list[bool]:
    gray, (right, bottom) = picture.convert("L"), (picture.width - 1, picture.height - 1)
    return [int(str(gray.getpixel(at))) > 127 for at in ((0, 0), (right, 0), (0, bottom), (right, bottom))]


@pytest.mark.parametrize(
    "content",
    [b"", b"%PDF-1.7", image(30, 30, "PNG")[:40], image(30, 30, "GIF"), image(9000, 9000, "PNG", "1")],
    ids=["empty", "pdf", "cut", "gif", "huge"],
)
def test_what_is_no_picture_or_too_large_is_not_shown(content: bytes) -> None:
    assert presentable(content, "") is None
