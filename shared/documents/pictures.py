"""Photos made ready for a page: upright, small, without what a camera writes into them."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageOps

from shared.documents.model import Picture

#: Enough for a print seven centimetres wide.
_LONGEST_SIDE = 1200
#: What a phone's camera makes at most; a small file can claim to be far larger.
_MOST_PIXELS = 60_000_000
#: On paper, centimetres.
_WIDEST, _HIGHEST = 7.0, 9.0


def presentable(content: bytes, caption: str) -> Picture | None:
    """Return a photo or signature to be shown; None for what is none, or too large to be opened."""
    try:
        with Image.open(BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                return None
            # JPEG is decoded small at once.
            opened.draft("RGB", (_LONGEST_SIDE, _LONGEST_SIDE))
            upright = ImageOps.exif_transpose(opened).convert("RGBA")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None
    upright.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    # A signature is often ink on nothing.
    paper = Image.new("RGB", upright.size, "white")
    paper.paste(upright, mask=upright)
    made = BytesIO()
    paper.save(made, "JPEG", quality=80)
    return Picture(made.getvalue(), caption, min(_WIDEST, _HIGHEST * paper.width / paper.height))
