"""What all forms of this service share: strictness, and how long words may be."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.attachments.schemas import AttachmentIds
from shared.domain.codes import Coded
from shared.domain.money import Yuan

Words = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
Amount = Annotated[Yuan, Field(ge=0)]
#: What shows it: photos, minutes, papers, by name or address.
Evidence = Annotated[tuple[Words, ...], Field(max_length=50)]


class Form(BaseModel):
    """A request: a field that is not known is refused, so that a slip of the pen is not lost."""

    model_config = ConfigDict(extra="forbid")


class FiledForm(Form):
    """What is filed with its papers: the day on which it was done, today if not said."""

    on: date | None = None
    #: Ids of papers, photos and signatures (``/papers``), which may arrive later.
    papers: AttachmentIds = []


class StepForm(FiledForm):
    """What every step's form has: when it was done, and what shows it."""

    evidence: Evidence = ()


#: What of a step's form is kept beside its content.
FILED_APART = {"on", "evidence", "papers"}


class Guarantees(Form):
    """The three guarantees and drinking water (“三保障”和饮水安全), each solid or not."""

    education: bool
    medical: bool
    housing: bool
    water: bool
    remark: Words | None = None


class RiskForm(Form):
    """One risk of falling into poverty."""

    risk_type: Annotated[str, Coded("risk_type")]
    #: The person at risk, where it is a person's.
    member_id: UUID | None = None
    #: Needed for a natural disaster.
    disaster_kind: Annotated[str, Coded("disaster_kind")] | None = None
    #: How it came about; says what "other" is.
    cause: Words


class ChangeView(BaseModel):
    """One step of a record's story: column to what it was and what it became."""

    model_config = ConfigDict(from_attributes=True)

    table: str
    row_id: UUID
    version: int
    at: datetime
    by: str
    reason: str
    kind: str
    fields: dict[str, tuple[Any, Any]]
