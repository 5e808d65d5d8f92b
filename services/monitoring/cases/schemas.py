"""The forms of identification, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from services.monitoring.cases.steps import Step
from services.monitoring.forms import Amount, Form, Guarantees, Name, RiskForm, StepForm, Words
from shared.domain.codes import Coded


class ConsentForm(StepForm):
    """《申请及承诺授权书》: the household lets its data be checked."""

    signed_by: Name
    #: Who filled it in for somebody who cannot write, and told them what it says.
    written_by: Name | None = None


class IncomeStatement(Form):
    """Income of the twelve months before (家庭收入), yuan for the whole household."""

    wage: Amount
    business: Amount
    property: Amount
    transfer: Amount
    production_cost: Amount
    #: Insurance and other compensation (理赔收入): no income, but it eases what was spent.
    compensation: Amount = Decimal(0)
    #: People who share it.
    sharers: Annotated[int, Field(ge=1, le=50)]


class RigidExpenditure(Form):
    """What had to be paid by oneself in the same months, compliant with the rules (合规自付刚性支出), yuan."""

    medical: Amount = Decimal(0)
    schooling: Amount = Decimal(0)
    accident: Amount = Decimal(0)
    disaster: Amount = Decimal(0)
    housing: Amount = Decimal(0)
    other: Amount = Decimal(0)

    @property
    def total(self) -> Decimal:
        """The sum."""
        return sum(self.__dict__.values(), Decimal(0))


class Relative(Form):
    """An official who is kin of the household (不搞优亲厚友): known by name, office and relation."""

    name: Name
    office: Name
    relation: Name


class HouseholdCheckForm(StepForm):
    """《监测对象基础信息采集表》: what two officers found at the household."""

    officers: Annotated[list[Name], Field(min_length=2, max_length=6)]
    income: IncomeStatement
    expenditure: RigidExpenditure = RigidExpenditure()
    guarantees: Guarantees
    #: Where income or expenditure changed so suddenly that basic life is in serious difficulty: how.
    hardship: Words | None = None
    #: Officials who are the household's kin, as it declares and the officers know.
    relatives: Annotated[tuple[Relative, ...], Field(max_length=20)] = ()
    #: One to five, the weightiest first.
    risks: Annotated[list[RiskForm], Field(min_length=1, max_length=5)]


class Hit(Form):
    """A hit in a department's list: a doubt to be explained, not a verdict."""

    #: Payroll, vehicle, property, business, deposit, or a dataset's code.
    dataset: Name
    facts: Words
    explanation: Words


class DataCheckForm(StepForm):
    """What departments' lists say of the household (信息比对)."""

    hits: Annotated[tuple[Hit, ...], Field(max_length=50)] = ()
    opinion: Words

    @property
    def explanations(self) -> Mapping[str, str]:
        """What is said of hits, by dataset."""
        return {
            said.dataset: "；".join(hit.explanation for hit in self.hits if hit.dataset == said.dataset)
            for said in self.hits
        }


class Objection(Form):
    """What somebody objected during publicity, and what they were answered."""

    by: Name
    words: Words
    answer: Words | None = None


class PublicityForm(StepForm):
    """Publicity in the village (村内公示). ``on`` is its last day."""

    from_on: date
    until_on: date
    place: Name
    objections: Annotated[tuple[Objection, ...], Field(max_length=100)] = ()


class TownReviewForm(StepForm):
    """The town agrees (乡镇审核); a town that does not returns the case."""

    opinion: Words
    #: Households are visited by sample.
    visited_on: date | None = None


class DepartmentOpinion(Form):
    """What a department says of the household."""

    department: Annotated[str, Coded("department")]
    #: Who spoke for it.
    by: Name
    opinion: Annotated[str, Coded("department_opinion")]
    #: Needed unless it agrees: what it objects to or doubts.
    reason: Words | None = None
    #: What it was answered.
    answer: Words | None = None

    @property
    def agrees(self) -> bool:
        """Tell whether it has nothing against the household."""
        return self.opinion == "agree"


class JointCheckForm(StepForm):
    """The county's office has heard the departments (部门联审); where that does not settle it, it returns the case."""

    opinions: Annotated[list[DepartmentOpinion], Field(min_length=1, max_length=30)]
    #: What the office makes of it.
    opinion: Words


class ApprovalForm(StepForm):
    """The county decides (县级审定)."""

    approved: bool = True
    #: For a refusal: why, in words that the household is told.
    opinion: Words


class AnnouncementForm(StepForm):
    """Announcement in the village, and entry into the national system (公告录入)."""

    place: Name
    entered_on: date


class ReturnForm(StepForm):
    """Back to a step that was done, with the reason."""

    to_step: Step
    reason: Words


class WithdrawalForm(StepForm):
    """《自愿撤回申请》: the household takes its application back."""

    reason: Words
    signed_by: Name
    #: Who filled it in for somebody who cannot write, and told them what it says.
    written_by: Name | None = None
