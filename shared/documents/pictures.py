"""Photos made ready for a page: upright, small, without what a camera writes into them."""

from __future__ import annotations

from io import BytesIO

from PIL import ExifTags, Image

from shared.documents.model import Picture

#: Enough for a print seven centimetres wide.
_LONGEST_SIDE = 1200
#: What a phone's camera makes at most; a small file can claim to be far larger.
_MOST_PIXELS = 60_000_000
#: On paper, centimetres.
_WIDEST, _HIGHEST = 7.0, 9.0
#: What makes a photo upright, by how a camera says that it was held.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def presentable(content: bytes, caption: str) -> Picture | None:
    """Return a photo or signature to be shown; None for what is none, or too large to be opened."""
    try:
        with Image.open(BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                return None
            # JPEG is decoded small at once.
            opened.draft("RGB", (_LONGEST_SIDE, _LONGEST_SIDE))
            # Not by ``exif_transpose``: that writes all else anew, and stumbles over what some cameras wrote.
            turn = _TURNS.get(opened.getexif().get(ExifTags.Base.Orientation, 1))
            upright = opened.convert("RGBA")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None
    if turn is not None:
        upright = upright.transpose(turn)
    upright.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    # A signature is often ink on nothing.
    paper = Image.new("RGB", upright.size, "white")
    paper.paste(upright, mask=upright)
    made = BytesIO()
    paper.save(made, "JPEG", quality=80)
    return Picture(made.getvalue(), caption, min(_WIDEST, _HIGHEST * paper.width / paper.height))
