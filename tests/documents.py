"""Reading documents back, as those who get them would."""

from __future__ import annotations

from io import BytesIO

import docx
import pypdfium2
from PIL import Image


def words_of(pdf: bytes) -> str:
    """Return the words of a PDF's pages, without the breaks between lines."""
    with pypdfium2.PdfDocument(pdf) as document:
        return "".join("".join(page.get_textpage().get_text_range().split()) for page in document)


def words_of_docx(content: bytes) -> str:
    """Return the words of a DOCX, its tables after its paragraphs."""
    document = docx.Document(BytesIO(content))
    cells = [cell.text for table in document.tables for cell in table._cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def image(width: int, height: int, form: str, mode: str = "RGB") -> bytes:
    """Return a picture of that size."""
    made = BytesIO()
    Image.new(mode, (width, height), "red" if mode == "RGB" else None).save(made, form)
    return made.getvalue()
