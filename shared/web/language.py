"""Words for people: Chinese unless the caller prefers English."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Depends, Request

from shared.web.accepting import weight_of

Language = Literal["zh", "en"]


def preferred(accept_language: str | None) -> Language:
    """Return the language of an ``Accept-Language`` header; its first known tag of the highest weight wins."""
    best: tuple[float, Language] = (0.0, "zh")
    for part in (accept_language or "").split(","):
        tag, _, parameters = part.strip().partition(";")
        primary = tag.lower().partition("-")[0]
        weight = weight_of(parameters)
        if primary == "en" and weight > best[0]:
            best = (weight, "en")
        elif primary == "zh" and weight > best[0]:
            best = (weight, "zh")
    return best[1]


def language_of(request: Request) -> Language:
    """Return the language to answer a request in."""
    return preferred(request.headers.get("accept-language"))


async def current_language(request: Request) -> Language:
    """Return the language of the request that an endpoint answers."""
    return language_of(request)


InLanguage = Annotated[Language, Depends(current_language)]
