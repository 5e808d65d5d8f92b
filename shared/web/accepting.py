"""In which of the forms that an address offers a request wants its answer (RFC 9110, 12.5.1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fastapi import Request

from shared.refusal import Refusal

JSON: Final = "application/json"


class NoSuchFormat(Refusal):
    """It is not offered in the format that you ask for."""

    status = 406
    code = "no_such_format"
    zh = "不提供所请求的格式"


def accepted(request: Request, *offered: str) -> str:
    """Return the media type that ``Accept`` wants most, the first where anything will do.

    Of those that are wanted alike the one that is named, then the one that is named first. Refuses with
    ``NoSuchFormat``.
    """
    named = list(_named(",".join(request.headers.getlist("accept")) or "*/*"))
    wanted: dict[str, tuple[float, int, int]] = {}
    for media in offered:
        exactly = {media: 2, media.partition("/")[0] + "/*": 1, "*/*": 0, "*": 0}
        found = [
            (exactly[name], -place, weight) for place, (name, weight) in enumerate(named) if name in exactly
        ]
        # What is said of it alone holds, whatever is said of all.
        how, where, weight = max(found, default=(0, 0, 0.0))
        if weight > 0:
            wanted[media] = (weight, how, where)
    if not wanted:
        raise NoSuchFormat(f"offered: {', '.join(offered)}", zh_detail=f"可选格式：{'、'.join(offered)}")
    return max(wanted, key=lambda media: wanted[media])


def weight_of(parameters: str) -> float:
    """Return what ``q`` says among the parameters behind a name: 1 where it is not there, 0 where it is no number."""
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def _named(accept: str) -> Iterator[tuple[str, float]]:
    for each in accept.split(","):
        name, _, parameters = each.partition(";")
        yield name.strip().lower(), weight_of(parameters)
