"""Answers, and the items of a form."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Protocol, Self
from uuid import UUID

from pydantic import (
    BaseModel,
    ConfigDict,
    StringConstraints,
    model_validator,
)

from services.inspection.checklists.answers import Expected, Option, Value
from services.inspection.checklists.model import After, ObjectKind
from services.inspection.findings.schemas import ItemCode, OnTheSpot
from shared.attachments.schemas import AttachmentIds


class Answer(BaseModel):
    """What was found about one item, and for items about people, about whom."""

    model_config = ConfigDict(extra="forbid")

    item: ItemCode
    member_id: UUID | None = None
    #: Whether it is as it should be; may be left out where the value tells.
    ok: bool | None = None
    #: Of the type that the item expects.
    value: Value | None = None
    facts: Annotated[str, StringConstraints(max_length=2000, strip_whitespace=True)] = ""
    on_the_spot: OnTheSpot | None = None
    #: Photos and documents that show it; of a failed item they become the finding's.
    attachments: AttachmentIds = []

    @model_validator(mode="after")
    def _failure_says_what(self) -> Self:
        if self.ok is self.value is None:
            raise ValueError("an answer has a verdict, a value, or both")
        if self.ok is False and self.value is None and not self.facts:
            raise ValueError("a failed item needs facts")
        if self.ok and self.on_the_spot:
            raise ValueError("nothing failed that could be corrected on the spot")
        return self


class Answered(Protocol):
    """A visit or check as it is sent: its answers, and what it names besides."""

    answers: list[Answer]

    def model_dump_json(self, *, exclude: Any) -> str:
        """Return it as JSON."""


def digest_of(draft: Answered, *, later: Iterable[str], later_in_answers: Iterable[str]) -> bytes:
    """Return what tells a visit or check from another, whatever id it has.

    Fields that came later to the API leave no trace where they are not used, so that what is on record keeps its
    digest.
    """
    left_out: dict[str, Any] = {name: True for name in later if not getattr(draft, name)}
    answers = {
        place: {name for name in later_in_answers if getattr(answer, name) in (None, [])}
        for place, answer in enumerate(draft.answers)
    }
    used = {place: names for place, names in answers.items() if names}
    content = draft.model_dump_json(exclude={"id": True, "answers": used, **left_out})
    return hashlib.sha256(content.encode()).digest()


class LastAnswer(BaseModel):
    """What the last visit found."""

    ok: bool
    value: Value | None = None
    facts: str
    visited_on: date


class FormItem(BaseModel):
    """An item to ask, with what is known: the officer confirms or corrects."""

    item: str
    area: str
    zh: str
    en: str
    object: ObjectKind
    member_id: UUID | None = None
    member_name: str | None = None
    answer: Expected
    #: To choose from, with labels.
    options: list[Option] = []
    #: Asked only where another item of the form is answered so.
    after: After | None = None
    #: The answer as far as it is known, by the registry or from the last visit: confirmed or corrected, not copied.
    value: Value | None = None
    #: Facts of the registry and of monitoring that belong to the item.
    known: dict[str, Any]
    last: LastAnswer | None = None


class FormFinding(BaseModel):
    """A finding of the household that is not closed yet."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    item: str
    object_name: str
    facts: str
    status: str
    measures: str | None
    deadline_on: date
