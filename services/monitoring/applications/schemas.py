"""Requests and answers about self-applications."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, field_serializer

from services.monitoring.forms import Form, Name, Words
from shared.crypto.masking import mask_identity_number, mask_phone
from shared.domain.codes import Coded
from shared.domain.division import DivisionCode

Channel = Annotated[str, Coded("application_channel")]
#: What becomes of an application, as its applicant is told.
Progress = Literal[
    "waiting",
    "being_verified",
    "under_watch",
    "no_risk",
    "identification",
    "monitored",
    "not_monitored",
    "refused",
]


class ApplicationDraft(Form):
    """What is asked of somebody in hardship, and no more: who, where, what."""

    applicant: Name
    #: Secret, so that it appears in no log and no error.
    identity_number: SecretStr
    phone: Annotated[str, StringConstraints(pattern=r"^1[3-9]\d{9}$")] | None = None
    #: The village, or the town if the village is not known.
    division_code: DivisionCode
    difficulty: Annotated[Words, Field(max_length=1000)]
    risk_type: Annotated[str, Coded("risk_type")] = "other"
    channel: Channel = "online"
    written_by: Name | None = None


class Receipt(BaseModel):
    """What the person keeps; it is shown once."""

    receipt: str
    received_on: date
    #: The days until which somebody comes, and until which there is an answer.
    visit_due_on: date
    answer_due_on: date


class ReceiptHeld(Form):
    """The receipt, however it is written."""

    receipt: Annotated[SecretStr, Field(max_length=40)]


class ApplicationStatus(BaseModel):
    """What became of an application, for whoever holds its receipt: nothing that only officials may know."""

    received_on: date
    progress: Progress
    zh: str
    en: str
    visit_due_on: date
    answer_due_on: date
    #: The step that identification has reached, code of the list ``case_step``.
    step: str | None = None
    #: In the words of whoever decided.
    answer: str | None = None
    answered_on: date | None = None


class ApplicationView(BaseModel):
    """An application as officials see it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    division_code: str
    applicant: str
    identity_number: str
    phone: str | None
    written_by: str | None
    channel: Channel
    risk_type: str
    difficulty: str
    received_on: date
    household_id: UUID | None
    clue_id: UUID | None
    monitored_id: UUID | None
    refusal: str | None
    refused_by: str | None
    version: int

    @field_serializer("identity_number")
    def _mask_number(self, number: str) -> str | None:
        return mask_identity_number(number)

    @field_serializer("phone")
    def _mask_phone(self, phone: str | None) -> str | None:
        return mask_phone(phone)


class RefusalDraft(Form):
    """Why an application can never become a clue, in words that the person is told."""

    reason: Words
