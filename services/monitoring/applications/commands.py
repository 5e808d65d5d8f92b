"""Taking self-applications, and turning them into clues as soon as the registry knows who it is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import func, select as select_columns
from sqlmodel import col, select

from services.monitoring.applications.errors import ApplicationSettled, TooManyApplications, UnknownDivision
from services.monitoring.applications.model import SelfApplication
from services.monitoring.applications.receipts import digest_of, new_receipt
from services.monitoring.applications.schemas import ApplicationDraft
from services.monitoring.clues.commands import receive_many
from services.monitoring.clues.rules import SELF_APPLICATION, Arrival
from services.monitoring.replicas.model import Division, PersonReplica
from shared.crypto import fields
from shared.database import Reader, Writer
from shared.domain.identity_number import IdentityNumberFault, parse
from shared.refusal import Fault, Invalid

#: So many a day of one person are taken: more are a mistake or a nuisance.
_A_DAY = 3
#: Applications that one transaction takes up.
_CHUNK = 500


async def apply(db: Writer, draft: ApplicationDraft) -> tuple[SelfApplication, str]:
    """Take an application; returns it with its receipt, which is stored nowhere."""
    number = _number(draft)
    if await db.find(Division, draft.division_code) is None:
        raise UnknownDivision
    index = fields.ring().blind_index(number)
    today = select_columns(func.count()).where(
        col(SelfApplication.number_index) == index, col(SelfApplication.received_on) == db.today
    )
    if await db.scalar(today) >= _A_DAY:
        raise TooManyApplications
    receipt = new_receipt()
    application = SelfApplication(
        **draft.model_dump(exclude={"identity_number"}),
        identity_number=number,
        number_index=index,
        receipt_digest=digest_of(receipt),
        received_on=db.today,
    )
    db.add(application)
    await db.flush()
    await _become_clues(db, [application])
    return application, receipt


async def take_up_waiting(db: Writer, household_ids: Collection[UUID] | None = None) -> int:
    """Turn applications of people who are known by now into clues: of these households, or of any.

    Returns how many; some hundred at a time, since their households stay locked meanwhile.
    """
    waiting = (
        select(SelfApplication)
        .join(PersonReplica, col(PersonReplica.number_index) == col(SelfApplication.number_index))
        .where(
            col(PersonReplica.left_on).is_(None),
            col(SelfApplication.clue_id).is_(None),
            col(SelfApplication.monitored_id).is_(None),
            col(SelfApplication.refusal).is_(None),
        )
        .order_by(col(SelfApplication.id))
        .limit(_CHUNK)
        .with_for_update(of=SelfApplication)
    )
    if household_ids is not None:
        waiting = waiting.where(col(PersonReplica.household_id).in_(household_ids))
    found = await db.all(waiting)
    await _become_clues(db, found)
    return len(found)


async def refuse(db: Writer, application_id: UUID, reason: str, *, version: int) -> SelfApplication:
    """End an application that can never become a clue: the person does not live in the countryside here, say."""
    application = await db.one(
        select(SelfApplication).where(col(SelfApplication.id) == application_id).with_for_update()
    )
    application.expect(version)
    if application.clue_id or application.monitored_id or application.refusal:
        raise ApplicationSettled
    application.refusal, application.refused_by = reason, db.principal.name
    await db.flush()
    return application


async def _become_clues(db: Writer, applications: Sequence[SelfApplication]) -> None:
    if not applications:
        return
    people = await _people(db, {each.number_index for each in applications})
    known = [each for each in applications if each.number_index in people]
    if not known:
        return
    receipts = await receive_many(db, [_arrival(each, people[each.number_index]) for each in known])
    for application, receipt in zip(known, receipts, strict=True):
        person = people[application.number_index]
        application.household_id, application.division_code = person.household_id, person.division_code
        application.clue_id = receipt.clue.id if receipt.clue else None
        # A clue that is there leads on by itself.
        application.monitored_id = receipt.monitored.id if receipt.monitored and not receipt.clue else None
    await db.flush()


async def _people(db: Reader, indexes: Collection[bytes]) -> dict[bytes, PersonReplica]:
    found = await db.all(
        select(PersonReplica).where(
            col(PersonReplica.number_index).in_(indexes), col(PersonReplica.left_on).is_(None)
        )
    )
    return {each.number_index: each for each in found if each.number_index}


def _arrival(application: SelfApplication, person: PersonReplica) -> Arrival:
    return Arrival(
        household_id=person.household_id,
        member_id=person.member_id,
        risk_type=application.risk_type,
        source=SELF_APPLICATION,
        facts=application.difficulty,
        reference=f"application:{application.id}",
        detail={"channel": application.channel, "written_by": application.written_by},
        received_on=application.received_on,
    )


def _number(draft: ApplicationDraft) -> str:
    try:
        return parse(draft.identity_number.get_secret_value()).number
    except IdentityNumberFault as fault:
        where = Fault("/identity_number", fault.fault, str(fault), zh=fault.zh)
        raise Invalid(errors=(where,)) from None
