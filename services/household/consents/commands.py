"""Entering and withdrawing consents."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import col, select

from services.household.consents.errors import ExpiresBefore, WithdrawnAlready, WithdrawnBefore
from services.household.consents.model import Consent
from services.household.consents.schemas import NewConsent, Withdrawal
from services.household.households.changing import present_member
from services.household.households.errors import DateAhead
from services.household.households.model import Household
from services.household.households.queries import members_of
from shared.database import Writer
from shared.refusal import NotFound


async def enter_consent(db: Writer, household_id: UUID, new: NewConsent) -> Consent:
    """Enter a consent of a household, or of somebody who is there."""
    household = await db.get(Household, household_id)
    if new.member_id:
        present_member(await members_of(db, household_id), new.member_id)
    if new.given_on > db.today:
        raise DateAhead
    if new.expires_on and new.expires_on < new.given_on:
        raise ExpiresBefore
    consent = Consent(household_id=household.id, division_code=household.division_code, **new.model_dump())
    db.add(consent)
    await db.flush()
    return consent


async def withdraw(
    db: Writer, household_id: UUID, consent_id: UUID, version: int, withdrawal: Withdrawal
) -> Consent:
    """Withdraw a consent: it holds no more from that day on."""
    wanted = select(Consent).where(col(Consent.id) == consent_id).with_for_update()
    consent = await db.one(wanted)
    if consent.household_id != household_id:
        raise NotFound
    consent.expect(version)
    if consent.withdrawn_on:
        raise WithdrawnAlready
    if withdrawal.on > db.today:
        raise DateAhead
    if withdrawal.on < consent.given_on:
        raise WithdrawnBefore
    consent.withdrawn_on, consent.withdrawal_reason = withdrawal.on, withdrawal.reason
    await db.flush()
    return consent
