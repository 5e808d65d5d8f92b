"""Shapes of rules, hits and trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, NamedTuple, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.monitoring.forms import Form, Words
from services.monitoring.rulebook.conditions import Threshold
from services.monitoring.rulebook.documents import Hit, Rule
from services.monitoring.rulebook.model import DraftStatus, RuleDraft, RuleHit
from shared.database import Page
from shared.domain.division import DivisionCode
from shared.domain.moment import Moment
from shared.web.language import Language


class FactView(BaseModel):
    """Something that a rule may ask: its kind says which operators fit, and ``codes`` names the list of its values."""

    name: str
    of: str
    kind: str
    zh: str
    en: str
    codes: str | None


class RuleView(BaseModel):
    """A rule; its versions are written as they are kept: conditions, thresholds, source, examples."""

    id: str
    zh: str
    en: str
    subject: str
    meaning: str
    risk_type: str | None
    #: What it draws from departments' rows, as it is kept; a version that is drafted brings the same.
    figures: dict[str, dict[str, Any]]
    versions: list[dict[str, Any]]
    #: The names of the versions that hold on the day that was asked about, the nearest place's last.
    in_force: list[str]

    @classmethod
    def of(cls, rule: Rule, holding: Sequence[str]) -> Self:
        """Show a rule."""
        apart = {"risk_type", "figures"}
        shown = rule.model_dump(mode="json", by_alias=True, exclude_none=True, exclude=apart)
        figures = {
            name: figure.model_dump(mode="json", exclude_defaults=True)
            for name, figure in rule.figures.items()
        }
        return cls(**shown, risk_type=rule.risk_type, figures=figures, in_force=list(holding))


class DraftForm(Form):
    """A rule as a document, with the one version that is new. ``GET /rules/{rule}`` shows how one is written."""

    document: dict[str, Any]


class DraftWithdrawalForm(Form):
    """Why a draft is given up."""

    reason: Words


class DraftView(BaseModel):
    """A version that an official wrote, and who put it in force."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    rule: str
    area: str | None
    valid_from: date
    document: dict[str, Any]
    status: DraftStatus
    drafted_by_name: str
    drafted_on: date
    decided_by_name: str | None
    decided_on: date | None
    reason: str | None
    version: int

    @classmethod
    def of(cls, row: RuleDraft) -> Self:
        """Show a draft."""
        return cls.model_validate(row)


class ScreeningAsked(BaseModel):
    """The job that asks all rules of everybody."""

    job: str


class HitQuery(BaseModel):
    """Filters of hits."""

    #: Any level; means within.
    division: DivisionCode | None = None
    rule: list[str] = []
    household_id: UUID | None = None
    #: True: what is hit today.
    open: bool | None = None


class HitView(BaseModel):
    """A hit, and why: the conditions that held, with what was the case."""

    household_id: UUID
    member_id: UUID | None
    division_code: str
    rule: str
    rule_version: str
    risk_type: str
    since: date
    ended_on: date | None
    inputs: dict[str, Any]
    #: A code of what became of it: received, merged, already_monitored, retag_candidate.
    outcome: str | None
    clue_id: UUID | None
    title: str | None
    reasons: list[str]

    @classmethod
    def of(cls, row: RuleHit, hit: Hit | None, language: Language) -> Self:
        """Show a hit."""
        told = hit.explained(language) if hit else {"rule": None, "reasons": []}
        shown = row.model_dump(include=set(cls.model_fields) - {"title", "reasons"})
        return cls(**shown, title=told["rule"], reasons=told["reasons"])


class TrialForm(Form):
    """A rule as it might be: a known one with other thresholds, or one that is written out."""

    rule: str | None = None
    thresholds: dict[str, Threshold] = Field(default_factory=dict)
    document: dict[str, Any] | None = None
    #: Any level; without it all that the caller sees.
    division: DivisionCode | None = None
    #: The registry as monitoring knew it then; without it as it is.
    as_of: Moment | None = None


class Moved(BaseModel):
    """Somebody for whom the draft makes a difference."""

    household_id: UUID
    member_id: UUID | None
    division_code: str
    #: True: would be hit and is not. False: is hit and would not be.
    enters: bool
    inputs: dict[str, Any]

    @classmethod
    def of(cls, row: Mapping[str, Any], rule: Rule) -> Self:
        """Show one."""
        known = {name: value for name, value in row["inputs"].items() if name in rule.known}
        return cls.model_validate({**row, "inputs": known})


class Moves(BaseModel):
    """How many are hit by the rule as it is (``now``), as it might be (``then``), and who moves."""

    now: int
    then: int
    enter: int
    leave: int


class TownMoves(Moves):
    """The same of a town or park."""

    division_code: str


class TrialView(Moves):
    """What a draft would change. Nothing was written."""

    rule: str
    on: date
    #: Households or people who were asked.
    subjects: int
    towns: list[TownMoves]
    moved: Page[Moved]


class BacktestForm(TrialForm):
    """A rule as it might have been at a past moment, to be held against the verdicts up to a day."""

    as_of: Moment
    until: date


class Verdicts(NamedTuple):
    """Households that a rule would have hit, and what became of clues to them; ``missed`` were at risk unhit."""

    hits: int
    confirmed: int
    dismissed: int
    missed: int


class BacktestView(BaseModel):
    """How well a rule would have foretold the verdicts on clues to its risk."""

    rule: str
    on: date
    until: date
    hits: int
    confirmed: int
    dismissed: int
    #: Hit, and nobody has said anything yet.
    open: int
    missed: int
    #: Confirmed of those with a verdict; None where there is none.
    precision: Annotated[float | None, Field(ge=0, le=1)]
    #: Confirmed of all that were found at risk.
    recall: Annotated[float | None, Field(ge=0, le=1)]

    @classmethod
    def of(cls, rule: str, on: date, until: date, verdicts: Verdicts) -> Self:
        """Show the figures."""
        hits, confirmed, dismissed, missed = verdicts
        return cls(
            rule=rule,
            on=on,
            until=until,
            **verdicts._asdict(),
            open=hits - confirmed - dismissed,
            precision=_share(confirmed, confirmed + dismissed),
            recall=_share(confirmed, confirmed + missed),
        )


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
