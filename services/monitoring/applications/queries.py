"""Questions about self-applications."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import exists, select as select_columns
from sqlmodel import col, select

from services.monitoring.applications.errors import ReceiptUnknown
from services.monitoring.applications.model import SelfApplication
from services.monitoring.applications.receipts import digest_of
from services.monitoring.applications.schemas import ApplicationStatus, Progress
from services.monitoring.cases.model import CaseStatus, IdentificationCase
from services.monitoring.cases.steps import Step
from services.monitoring.clues.model import UNSETTLED, Clue, ClueStatus
from services.monitoring.limits import due
from services.monitoring.monitored.episodes import RiskEpisode
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.monitored.states import MonitoredStatus
from shared.database import Page, PageQuery, Reader, inside

_WORDS: dict[Progress, tuple[str, str]] = {
    "waiting": ("已受理，正在核对身份和所在村", "received: who and where you are is being looked up"),
    "being_verified": ("已受理，正在入户核实", "received: somebody is looking into it"),
    "under_watch": ("您家已是监测对象，相关风险已在帮扶中", "your household is helped with this already"),
    "no_risk": ("经核实，暂不符合纳入条件", "after a visit: no risk that monitoring is for"),
    "identification": ("核实有风险，正在履行识别程序", "there is a risk: identification is under way"),
    "monitored": ("已纳入监测对象", "your household is a monitored object now"),
    "not_monitored": ("识别程序已办结，未纳入监测对象", "identification has ended without monitoring"),
    "refused": ("未受理", "not taken"),
}


async def status_of(db: Reader, receipt: str) -> ApplicationStatus:
    """Return what became of the application with a receipt."""
    found = await db.first(
        select(SelfApplication).where(col(SelfApplication.receipt_digest) == digest_of(receipt))
    )
    if found is None:
        raise ReceiptUnknown
    clue = await db.find(Clue, found.clue_id) if found.clue_id else None
    case = await db.find(IdentificationCase, clue.case_id) if clue and clue.case_id else None
    progress = _progress(found, clue, case)
    if clue and progress == "monitored" and clue.monitored_id:
        progress = await _on_thread(db, clue, clue.monitored_id)
    zh, en = _WORDS[progress]
    answer, answered_on = _answer(found, clue, case)
    return ApplicationStatus(
        received_on=found.received_on,
        progress=progress,
        zh=zh,
        en=en,
        visit_due_on=visit_due(found.division_code, found.received_on),
        answer_due_on=due("clue_verdict", found.division_code, found.received_on).on,
        step=case.step if case and case.status == CaseStatus.OPEN else None,
        answer=answer,
        answered_on=answered_on,
    )


async def page_of_applications(
    db: Reader, *, division: str | None, waiting: bool | None, page: PageQuery
) -> Page[SelfApplication]:
    """Return applications in the order in which they came."""
    wanted = select(SelfApplication)
    if division:
        wanted = wanted.where(inside(SelfApplication.division_code, division))
    if waiting is not None:
        settled = (
            col(SelfApplication.clue_id).is_not(None)
            | col(SelfApplication.monitored_id).is_not(None)
            | col(SelfApplication.refusal).is_not(None)
        )
        wanted = wanted.where(~settled if waiting else settled)
    return await db.page(wanted, order=[col(SelfApplication.id)], page=page)


def visit_due(division_code: str, received_on: date) -> date:
    """Return the day until which somebody comes."""
    return due("clue_visit", division_code, received_on).on


def _progress(found: SelfApplication, clue: Clue | None, case: IdentificationCase | None) -> Progress:
    if found.refusal:
        return "refused"
    if clue is None:
        return "under_watch" if found.monitored_id else "waiting"
    if clue.status in UNSETTLED:
        return "being_verified"
    if clue.status == ClueStatus.DISMISSED:
        return "no_risk"
    if case is None or case.monitored_id:
        return "monitored"
    return "identification" if case.status == CaseStatus.OPEN else "not_monitored"


async def _on_thread(db: Reader, clue: Clue, monitored_id: UUID) -> Progress:
    """Tell what became of a risk of a household that had been under watch before."""
    thing = await db.get(MonitoredObject, monitored_id)
    if thing.status == MonitoredStatus.RETAG_CANDIDATE:
        return "being_verified"
    tagged = exists().where(
        col(RiskEpisode.monitored_id) == thing.id, col(RiskEpisode.tagged_on) >= clue.received_on
    )
    is_tagged = thing.is_under_watch or await db.scalar(select_columns(tagged))
    return "monitored" if is_tagged else "not_monitored"


def _told(case: IdentificationCase) -> str | None:
    """Return what of the end of a case is meant for the household: no minutes, and no note among officials."""
    if case.status == CaseStatus.APPROVED:
        return None
    voted_down = case.status == CaseStatus.REFUSED and case.step == Step.DELIBERATION
    return "村级民主评议未通过" if voted_down else case.reason


def _answer(
    found: SelfApplication, clue: Clue | None, case: IdentificationCase | None
) -> tuple[str | None, date | None]:
    if found.refusal:
        return found.refusal, None
    if case and case.status != CaseStatus.OPEN:
        return _told(case), case.closed_on
    if clue and clue.status == ClueStatus.DISMISSED:
        return clue.verdict, clue.settled_on
    return None, None
