"""What is done with a case, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlmodel import col, select

from services.monitoring.cases import errors, rules
from services.monitoring.cases.departments import asking
from services.monitoring.cases.lines import CaseEntry
from services.monitoring.cases.model import CaseStatus, IdentificationCase
from services.monitoring.cases.queries import clues_of, newest_check
from services.monitoring.cases.schemas import (
    AnnouncementForm,
    ApprovalForm,
    DataCheckForm,
    HouseholdCheckForm,
    JointCheckForm,
    PublicityForm,
    ReturnForm,
    TownReviewForm,
    WithdrawalForm,
)
from services.monitoring.cases.steps import Step
from services.monitoring.cases.tagging import tag_household
from services.monitoring.clues.model import Clue
from services.monitoring.dates import happened_on
from services.monitoring.deliberation import DeliberationForm, expect_recused, is_carried
from services.monitoring.doubts.commands import expect_explained, explain_standing
from services.monitoring.forms import FILED_APART, StepForm
from services.monitoring.limits import limits_with
from services.monitoring.monitored.events import told as told_object
from services.monitoring.monitored.risks import expect_sound_risks
from services.monitoring.monitored.schemas import OpinionForm, ReasonForm
from services.monitoring.papers.commands import file_papers
from services.monitoring.replicas.model import HouseholdReplica
from services.monitoring.replicas.queries import lock_household, present_members
from services.monitoring.replicas.rules import known_of
from shared.contracts.monitoring import CaseAdvanced, CaseClosed, HouseholdTagged
from shared.database import Writer
from shared.domain.income_line import income_line


async def complete(
    db: Writer, case_id: UUID, step: Step, form: StepForm, *, version: int
) -> IdentificationCase:
    """Do a step that its form says all about: consent, announcement."""
    case, on = await _opened(db, case_id, form, version)
    line = await _line(db, case, step, form, on)
    case.complete(step, on=on)
    return await _filed(db, case, line)


async def check_household(
    db: Writer, case_id: UUID, form: HouseholdCheckForm, *, version: int
) -> IdentificationCase:
    """Take what was found at the household, and what the rules make of it."""
    case, on = await _opened(db, case_id, form, version)
    case.expect_at(Step.HOUSEHOLD_CHECK)
    household = await db.get(HouseholdReplica, case.household_id)
    members = await present_members(db, household.id)
    expect_sound_risks({f"/risks/{n}": risk for n, risk in enumerate(form.risks)}, members)
    category, judgement = rules.judge(form, household, income_line(case.division_code, on), on)
    line = await _line(db, case, Step.HOUSEHOLD_CHECK, form, on)
    line.household = known_of(household, members)
    case.check(
        risks=[risk.model_dump(mode="json") for risk in form.risks],
        judgement=judgement | {"doubts": rules.doubts(form, members)},
        category=category,
        by=[db.principal.subject, *form.officers],
        on=on,
        relatives=[each.model_dump(mode="json") for each in form.relatives],
    )
    return await _filed(db, case, line)


async def check_data(db: Writer, case_id: UUID, form: DataCheckForm, *, version: int) -> IdentificationCase:
    """Take what departments' lists say: no doubt about the household may be passed over."""
    case, on = await _opened(db, case_id, form, version)
    case.expect_at(Step.DATA_CHECK)
    await explain_standing(db, case.household_id, form.explanations, evidence=form.evidence)
    line = await _line(db, case, Step.DATA_CHECK, form, on)
    case.complete(Step.DATA_CHECK, on=on)
    return await _filed(db, case, line)


async def deliberate(
    db: Writer, case_id: UUID, form: DeliberationForm, *, version: int
) -> IdentificationCase:
    """Take the village's vote; a case that is voted down ends."""
    case, on = await _opened(db, case_id, form, version)
    case.expect_at(Step.DELIBERATION)
    line = await _line(db, case, Step.DELIBERATION, form, on)
    expect_recused(form, {each["name"] for each in case.relatives})
    if is_carried(form):
        kin = [each.model_dump(mode="json", exclude={"kin"}) for each in form.participants if each.kin]
        case.deliberate(kin=kin, by=db.principal.subject, on=on)
    else:
        case.refuse(reason=form.minutes, on=on)
    return await _filed(db, case, line)


async def publicise(db: Writer, case_id: UUID, form: PublicityForm, *, version: int) -> IdentificationCase:
    """Take that publicity has ended, long enough and with every objection answered."""
    case = await _locked(db, case_id, version)
    case.expect_at(Step.PUBLICITY)
    happened_on(form.from_on, db.today, since=case.stepped_on)
    on = happened_on(form.until_on, db.today, since=form.from_on)
    least = limits_with("publicity", case.division_code, on)
    rules.expect_published(form, least.limits["publicity"])
    line = await _line(db, case, Step.PUBLICITY, form, on)
    line.content |= {"judgement": {"version": least.version, "source": least.source}}
    case.complete(Step.PUBLICITY, on=on)
    return await _filed(db, case, line)


async def review(db: Writer, case_id: UUID, form: TownReviewForm, *, version: int) -> IdentificationCase:
    """Agree at the town."""
    case, on = await _opened(db, case_id, form, version)
    line = await _line(db, case, Step.TOWN_REVIEW, form, on)
    case.review(by=db.principal.subject, name=db.principal.name, on=on)
    return await _filed(db, case, line)


async def check_jointly(
    db: Writer, case_id: UUID, form: JointCheckForm, *, version: int
) -> IdentificationCase:
    """Take what departments say: all whom the risks concern, each answered; no doubt raised since is passed over."""
    case, on = await _opened(db, case_id, form, version)
    line = await _line(db, case, Step.JOINT_CHECK, form, on)
    speakers = [each.by for each in form.opinions]
    case.check_jointly(by=db.principal.subject, name=db.principal.name, speakers=speakers, on=on)
    rule = asking(case.division_code, on)
    asked = rule.of(risk["risk_type"] for risk in case.risks)
    rules.expect_heard(form, asked)
    await expect_explained(db, case.household_id)
    line.content |= {"judgement": {"version": rule.version, "source": rule.source, "asked": asked}}
    return await _filed(db, case, line)


async def approve(db: Writer, case_id: UUID, form: ApprovalForm, *, version: int) -> IdentificationCase:
    """Decide at the county: approval makes the household a monitored object (识别标注).

    Where kin are involved the first approval waits for a second one.
    """
    # Before the case, as everybody does: whoever decides by what is open about a household holds its lock.
    await lock_household(db, (await db.get(IdentificationCase, case_id)).household_id)
    case, on = await _opened(db, case_id, form, version)
    who = {"by": db.principal.subject, "name": db.principal.name}
    line = await _line(db, case, Step.COUNTY_APPROVAL, form, on)
    case.expect_approver(**who)
    if not form.approved:
        case.refuse(reason=form.opinion, on=on)
        return await _filed(db, case, line)
    check, told = await newest_check(db, case.id), await clues_of(db, case.id)
    await _expect_unchanged(db, case, check, told)
    if case.needs_another_approval(on=on, **who):
        return await _filed(db, case, line)
    thing, episodes = await tag_household(db, case, check, told, on=on)
    case.approve(monitored_id=thing.id, on=on, **who)
    await _filed(db, case, line)
    db.record(told_object(HouseholdTagged, thing, episodes))
    return case


async def announce(db: Writer, case_id: UUID, form: AnnouncementForm, *, version: int) -> IdentificationCase:
    """Take that it was announced and entered into the national system: the procedure has ended."""
    happened_on(form.entered_on, db.today)
    return await complete(db, case_id, Step.ANNOUNCEMENT, form, version=version)


async def return_case(db: Writer, case_id: UUID, form: ReturnForm, *, version: int) -> IdentificationCase:
    """Send it back to a step that it has passed."""
    case, on = await _opened(db, case_id, form, version)
    line = await _line(db, case, "return", form, on)
    case.return_to(form.to_step, reason=form.reason, on=on)
    return await _filed(db, case, line)


async def propose_withdrawal(
    db: Writer, case_id: UUID, form: WithdrawalForm, *, version: int
) -> IdentificationCase:
    """Take down that the household wants it no more; it stays open until another person agrees."""
    case, on = await _opened(db, case_id, form, version)
    line = await _line(db, case, "withdrawal_proposed", form, on)
    who = {"by": db.principal.subject, "name": db.principal.name}
    case.propose_withdrawal(reason=form.reason, signed_by=form.signed_by, on=on, **who)
    return await _filed(db, case, line)


async def withdraw(db: Writer, case_id: UUID, form: OpinionForm, *, version: int) -> IdentificationCase:
    """End it at the household's wish, as another person has found it to be."""
    case = await _locked(db, case_id, version)
    on = happened_on(form.on, db.today, since=case.withdrawal_on or case.stepped_on)
    line = await _line(db, case, "withdrawal", form, on)
    case.withdraw(by=db.principal.subject, on=on)
    return await _filed(db, case, line)


async def turn_withdrawal_down(
    db: Writer, case_id: UUID, form: ReasonForm, *, version: int
) -> IdentificationCase:
    """Find that the household does not want out: the case goes on where it stands."""
    case = await _locked(db, case_id, version)
    on = happened_on(form.on, db.today, since=case.withdrawal_on or case.stepped_on)
    line = await _line(db, case, "withdrawal_returned", form, on)
    case.keep_open(by=db.principal.subject)
    return await _filed(db, case, line)


async def _expect_unchanged(
    db: Writer, case: IdentificationCase, check: CaseEntry, told: Sequence[Clue]
) -> None:
    """Refuse to tag people who are gone by now, or to pass over a risk that nobody told of before the check."""
    present = {str(each.member_id) for each in await present_members(db, case.household_id)}
    if not present or {risk["member_id"] for risk in case.risks} - {None} - present:
        raise errors.PersonGone
    checked = {risk["risk_type"] for risk in case.risks}
    # By when the clue changed, not by the day of which it tells: news may be entered late. A change of the household's
    # village counts, too; where the check found less than was told before, somebody looks again.
    since = [clue for clue in told if clue.risk_type not in checked and clue.changed_at > check.entered_at]
    if any(clue.stands for clue in since):
        raise errors.RiskUnchecked


async def _opened(db: Writer, case_id: UUID, form: StepForm, version: int) -> tuple[IdentificationCase, date]:
    case = await _locked(db, case_id, version)
    return case, happened_on(form.on, db.today, since=case.stepped_on)


async def _locked(db: Writer, case_id: UUID, version: int) -> IdentificationCase:
    case = await db.one(
        select(IdentificationCase)
        .where(col(IdentificationCase.id) == case_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return case.expect(version)


async def _line(db: Writer, case: IdentificationCase, entry: str, form: StepForm, on: date) -> CaseEntry:
    """Return the line for the file, with the limit that it is measured by: taken before the case moves on."""
    line = CaseEntry(
        case_id=case.id,
        division_code=case.division_code,
        entry=entry,
        happened_on=on,
        entered_at=db.now,
        by=db.principal.subject,
        by_name=db.principal.name,
        due_on=case.due_on,
        due_rule=case.due_rule,
        content=form.model_dump(mode="json", exclude=FILED_APART),
        evidence=list(form.evidence),
    )
    await file_papers(db, line, line.id, case.household_id, form)
    return line


async def _filed(db: Writer, case: IdentificationCase, line: CaseEntry) -> IdentificationCase:
    db.add(line)
    await db.flush()
    kind = CaseAdvanced if case.status == CaseStatus.OPEN else CaseClosed
    db.record(kind.model_validate(case, from_attributes=True))
    return case
