"""The checks, as ``checks.yaml`` holds them."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from sqlalchemy import Date, TextClause, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.selectable import TextualSelect

from shared.refusal import NotFound
from shared.web.language import Language

_STRICT = ConfigDict(extra="forbid", frozen=True)


class Severity(StrEnum):
    """How grave what is found is; labels in the code list ``quality_severity``."""

    #: Cannot be so.
    ERROR = "error"
    #: Is most likely wrong, or missing where it is needed.
    WARNING = "warning"
    NOTICE = "notice"


class Words(BaseModel):
    """A check in one language."""

    model_config = _STRICT

    title: str
    explanation: str
    recommendation: str


class Check(BaseModel):
    """One check."""

    model_config = _STRICT

    code: str = Field(pattern=r"^[a-z_]+$")
    severity: Severity
    #: Parameters of ``details`` besides ``:today``.
    limits: dict[str, int] = Field(default_factory=dict, alias="with")
    zh: Words
    en: Words
    #: SELECT with ``household_id``, ``member_id`` and the facts.
    details: str

    def words(self, language: Language) -> Words:
        """Return the check's words in a language."""
        return self.zh if language == "zh" else self.en

    def found(self, today: date) -> TextualSelect:
        """Return what it finds: household, member, facts as one object."""
        facts = f"""
            SELECT found.household_id, found.member_id, to_jsonb(found) - 'household_id' - 'member_id' AS facts
            FROM ({self.details}) found
            """  # noqa: S608 - the checks are part of the program
        return self._bound(facts, today).columns(household_id=Uuid(), member_id=Uuid(), facts=JSONB())

    def counted(self, today: date) -> TextClause:
        """Return a count of what it finds by village, between ``:low`` and ``:high``."""
        counts = f"""
            SELECT h.division_code, count(*) FROM ({self.details}) found
            JOIN household h ON h.id = found.household_id
            WHERE h.division_code >= :low AND h.division_code < :high GROUP BY h.division_code
            """  # noqa: S608 - as above
        return self._bound(counts, today)

    def _bound(self, sql: str, today: date) -> TextClause:
        statement = text(sql).bindparams(**self.limits)
        asked = ":today" in self.details
        return statement.bindparams(bindparam("today", today, type_=Date)) if asked else statement


@cache
def checks() -> tuple[Check, ...]:
    """Return all checks in their order."""
    raw = yaml.safe_load(files(__package__).joinpath("checks.yaml").read_text("utf-8"))
    return tuple(TypeAdapter(list[Check]).validate_python(raw))


def check_of(code: str) -> Check:
    """Return a check, or refuse with ``NotFound``."""
    found = next((check for check in checks() if check.code == code), None)
    if found is None:
        raise NotFound
    return found
