"""Drawing up an archive: a dozen statements, however long the story is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import SQLModel, col, select

from services.monitoring.applications.model import SelfApplication
from services.monitoring.archive.rules import Under, missing_of, need_set
from services.monitoring.archive.schemas import Archive, ArchiveStep, MissingView, PaperView
from services.monitoring.archive.steps import Kept, Step, steps_of
from services.monitoring.assistance.model import Measure, MeasureStatus
from services.monitoring.cases.lines import CaseEntry
from services.monitoring.cases.model import IdentificationCase
from services.monitoring.clues.model import Clue
from services.monitoring.comparisons.confirmations import confirmations_of
from services.monitoring.credits.model import SmallCredit
from services.monitoring.followups.model import FollowUp
from services.monitoring.gaps.model import StatedReason
from services.monitoring.gaps.rules import Help, gap_of
from services.monitoring.monitored.episodes import RiskEpisode
from services.monitoring.monitored.lines import MonitoredEntry
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.monitored.procedures import Closure, Elimination, Retagging
from services.monitoring.monitored.views import MonitoredView
from services.monitoring.papers.model import Attachment, AttachmentLink
from services.monitoring.posts.model import PublicPost
from services.monitoring.replicas.model import HouseholdReplica, PersonReplica
from services.monitoring.replicas.queries import names_of
from services.monitoring.replicas.rules import known_of
from shared.crypto.masking import mask_identity_number, mask_phone
from shared.database import Reader
from shared.domain.division import ancestors_of
from shared.identity.private import sees_private

M = TypeVar("M", bound=SQLModel)
Papers = dict[UUID, list[PaperView]]


async def archive_of(db: Reader, monitored_id: UUID) -> Archive:
    """Return the archive of a monitored object as it is now."""
    thing = await db.get(MonitoredObject, monitored_id)
    episodes = await _each(db, RiskEpisode, monitored_id=monitored_id)
    household = await db.get(HouseholdReplica, thing.household_id)
    persons = await db.all(
        select(PersonReplica)
        .where(col(PersonReplica.household_id) == household.id)
        .order_by(col(PersonReplica.member_id))
    )
    kept, papers = await _kept(db, thing), await _papers(db, household.id)
    steps, members = steps_of(kept), [person for person in persons if person.left_on is None]
    reasons = await _each(db, StatedReason, monitored_id=monitored_id)
    under = _under(thing, kept, episodes, reasons, members, db.today)
    needed = need_set(thing.division_code, db.today)
    missing = missing_of(needed.needs, steps, _kinds(papers), under)
    return Archive(
        monitored=MonitoredView.of(thing, household, episodes),
        place=await _place(db, thing.division_code),
        household=known_of(household, members),
        names={person.member_id: person.name for person in persons},
        steps=[_shown(db, step, papers) for step in steps],
        confirmations=await confirmations_of(db, household.id),
        complete=not missing,
        missing=[MissingView.of(each, db.today) for each in missing],
        needs_version=needed.version,
        needs_source=needed.source,
        made_at=db.now,
        made_by=db.principal.name,
    )


async def steps_to_file_with(db: Reader, monitored_id: UUID) -> set[UUID]:
    """Return what papers may be filed with in an object's archive."""
    thing = await db.get(MonitoredObject, monitored_id)
    return {step.of_id for step in steps_of(await _kept(db, thing)) if step.of_id}


async def _kept(db: Reader, thing: MonitoredObject) -> Kept:
    cases = await _each(db, IdentificationCase, household_id=thing.household_id)
    of_cases = col(CaseEntry.case_id).in_([case.id for case in cases])
    return Kept(
        monitored_id=thing.id,
        applications=await _each(db, SelfApplication, household_id=thing.household_id),
        clues=await _each(db, Clue, household_id=thing.household_id),
        cases=cases,
        entries=await db.all(select(CaseEntry).where(of_cases).order_by(col(CaseEntry.id))),
        lines=await _each(db, MonitoredEntry, monitored_id=thing.id),
        measures=await _each(db, Measure, monitored_id=thing.id),
        eliminations=await _each(db, Elimination, monitored_id=thing.id),
        retaggings=await _each(db, Retagging, monitored_id=thing.id),
        closures=await _each(db, Closure, monitored_id=thing.id),
        follow_ups=await _each(db, FollowUp, monitored_id=thing.id),
        credits=await _each(db, SmallCredit, household_id=thing.household_id),
        posts=await _each(db, PublicPost, household_id=thing.household_id),
    )


async def _each(db: Reader, model: type[M], **of: UUID) -> list[M]:
    """Return a model's rows of a household or object, in the order in which they came."""
    columns: Any = model
    conditions = [getattr(columns, name) == value for name, value in of.items()]
    return await db.all(select(model).where(*conditions).order_by(columns.id))


async def _papers(db: Reader, household_id: UUID) -> Papers:
    """Return the household's papers by what they are filed with, in the order in which they were filed."""
    links = await db.all(
        select(AttachmentLink)
        .where(col(AttachmentLink.household_id) == household_id)
        .order_by(col(AttachmentLink.linked_at), col(AttachmentLink.attachment_id))
    )
    wanted = col(Attachment.id).in_({link.attachment_id for link in links})
    arrived = {each.id: each for each in await db.all(select(Attachment).where(wanted))}
    papers: Papers = defaultdict(list)
    for link in links:
        papers[link.of_id].append(_paper(link, arrived.get(link.attachment_id)))
    return papers


def _paper(link: AttachmentLink, kept: Attachment | None) -> PaperView:
    filed = {"id": link.attachment_id, "filed_at": link.linked_at, "filed_by": link.linked_by}
    if kept is None:
        return PaperView(**filed, state="awaited")
    return PaperView(**{**kept.model_dump(), **filed}, state="arrived")


def _kinds(papers: Papers) -> dict[UUID, list[str | None]]:
    return {of_id: [paper.kind for paper in filed] for of_id, filed in papers.items()}


def _under(
    thing: MonitoredObject,
    kept: Kept,
    episodes: Sequence[RiskEpisode],
    reasons: Sequence[StatedReason],
    members: Sequence[PersonReplica],
    today: date,
) -> Under:
    newest = max((episode.tagged_on for episode in episodes), default=thing.tagged_on)
    if not thing.is_under_watch:
        return Under(thing.division_code, newest, ())
    help_ = Help(
        episodes=[episode for episode in episodes if episode.is_open],
        measures=[each for each in kept.measures if each.status != MeasureStatus.STOPPED],
        reasons=reasons,
        members=members,
        contact=thing.contact_name,
        planned_on=max((line.happened_on for line in kept.lines if line.entry == "plan"), default=None),
    )
    gap = gap_of(help_, today)
    return Under(thing.division_code, newest, thing.open_risks, gap.risks_without_measure, gap.needs_plan)


def _shown(db: Reader, step: Step, papers: Papers) -> ArchiveStep:
    shown = ArchiveStep.of(step, papers.get(step.of_id, []) if step.of_id else [])
    # The only private numbers that monitoring has: those that an applicant gave themselves.
    if step.kind == "application" and not sees_private(db.principal, application_id=str(step.of_id)):
        shown.content |= {
            "identity_number": mask_identity_number(step.content["identity_number"]),
            "phone": mask_phone(step.content["phone"]),
        }
    return shown


async def _place(db: Reader, division_code: str) -> list[str]:
    codes = [*ancestors_of(division_code), division_code]
    names = await names_of(db, codes)
    return [names[code] for code in codes if code in names]
