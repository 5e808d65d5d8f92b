"""From what was sent in to what is told: whom it is about, and who may say so."""

from __future__ import annotations

from uuid import UUID

from services.monitoring.clues.errors import WhoIsItAbout
from services.monitoring.clues.rules import Arrival, expect_own_source
from services.monitoring.clues.schemas import ClueDraft
from services.monitoring.dates import happened_on
from services.monitoring.limits import limits_began
from services.monitoring.replicas.queries import person_by_index, present_members
from services.monitoring.replicas.rules import expect_member
from shared.crypto import fields
from shared.database import Reader
from shared.domain.identity_number import IdentityNumberFault, parse
from shared.refusal import Fault, Invalid


async def arrival_of(db: Reader, draft: ClueDraft) -> Arrival:
    """Return what is told by a form."""
    expect_own_source(draft.source, db.principal.roles)
    happened_on(draft.received_on, db.today, since=limits_began())
    household_id, member_id = await _about(db, draft)
    return Arrival(
        household_id=household_id,
        member_id=member_id,
        risk_type=draft.risk_type,
        source=draft.source,
        facts=draft.facts,
        reference=draft.reference,
        received_on=draft.received_on,
    )


async def _about(db: Reader, draft: ClueDraft) -> tuple[UUID, UUID | None]:
    if draft.household_id is not None and draft.identity_number is None:
        if draft.member_id is not None:
            expect_member(await present_members(db, draft.household_id), draft.member_id)
        return draft.household_id, draft.member_id
    if draft.identity_number is None or draft.household_id is not None:
        raise WhoIsItAbout
    try:
        number = parse(draft.identity_number.get_secret_value()).number
    except IdentityNumberFault as fault:
        where = Fault("/identity_number", fault.fault, str(fault), zh=fault.zh)
        raise Invalid(errors=(where,)) from None
    person = await person_by_index(db, fields.ring().blind_index(number))
    return person.household_id, person.member_id
