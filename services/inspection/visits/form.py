"""The prefilled form: what the registry, monitoring and earlier visits know, so that nobody copies it again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.inspection.asking.rules import form_item, last_answers
from services.inspection.asking.schemas import FormFinding, FormItem
from services.inspection.campaigns.model import Campaign, Schedule
from services.inspection.checklists.catalog import checklist_of
from services.inspection.checklists.model import (
    OF_A_VISIT,
    Monitoring,
    ObjectKind,
    Person,
    Situation,
)
from services.inspection.corrections.model import Correction
from services.inspection.corrections.schemas import CorrectionView
from services.inspection.findings.model import Finding
from services.inspection.replicas.model import Household, Monitored
from services.inspection.visits.model import Visit
from services.inspection.visits.rules import visiting_days
from services.inspection.visits.schemas import FormMonitored, VisitForm
from shared import clock

_MONITORING: dict[str, Monitoring] = {
    "monitored": "active",
    "elimination_proposed": "active",
    "elimination_withheld": "active",
    "eliminated": "eliminated",
    "retag_candidate": "eliminated",
}


@dataclass(frozen=True)
class Knowledge:
    """All that is known of a household when somebody is about to visit it."""

    campaign: Campaign
    #: The town's own dates, if it has any.
    schedule: Schedule | None
    household: Household
    division_name: str | None
    monitored: Monitored | None
    #: Newest first, of all campaigns.
    visits: list[Visit]
    #: Not closed yet.
    findings: list[Finding]
    #: The newest of each fact.
    corrections: list[Correction]


def form_of(known: Knowledge, now: datetime) -> VisitForm:
    """Return the form."""
    campaign, household, visits = known.campaign, known.household, known.visits
    first = all(visit.campaign_id != campaign.id for visit in visits)
    starts_on, ends_on = visiting_days(known.schedule or campaign, first=first)
    return VisitForm(
        **household.model_dump(include={"number", "division_code", "group_name", "kind", "head_name"}),
        campaign_id=campaign.id,
        household_id=household.id,
        division_name=known.division_name,
        facts={name: value for name, value in household.facts.items() if name != "members"},
        members=_present_members(household),
        monitored=FormMonitored.model_validate(known.monitored) if known.monitored else None,
        starts_on=starts_on,
        ends_on=ends_on,
        first=first,
        last_visited_at=visits[0].visited_at if visits else None,
        last_corrections=visits[0].corrections if visits else {},
        household_version=household.sequence,
        made_at=now,
        corrections=[CorrectionView.model_validate(each) for each in known.corrections],
        items=list(_items(known, clock.date_of(now))),
        open_findings=[FormFinding.model_validate(finding) for finding in known.findings],
    )


def _present_members(household: Household) -> list[dict[str, Any]]:
    return [member for member in household.facts["members"] if member["left_on"] is None]


def _items(known: Knowledge, today: date) -> Iterator[FormItem]:
    """Give the items that apply: those about people once for each person that they apply to."""
    household, monitored, last = (
        known.household,
        known.monitored,
        last_answers((visit.visited_at, visit.answers) for visit in known.visits),
    )
    situation = Situation(
        kind=household.kind,
        monitoring=_MONITORING.get(monitored.status, "none") if monitored else "none",
        category=monitored.category if monitored else None,
    )
    facts = household.facts | _monitoring_facts(monitored)
    for item in checklist_of(known.campaign.checklist).items.values():
        if item.object not in OF_A_VISIT or not item.applies.holds_for(situation):
            continue
        if item.object is ObjectKind.HOUSEHOLD:
            yield form_item(item, facts, last)
            continue
        for member in _present_members(household):
            if item.applies.holds_for_person(Person(age=_age(member, today), labour=member["labour"])):
                yield form_item(item, member, last, member_id=member["id"], member_name=member["name"])


def _monitoring_facts(monitored: Monitored | None) -> dict[str, Any]:
    if monitored is None:
        return {}
    open_risks = [each["risk_type"] for each in monitored.episodes if each["eliminated_on"] is None]
    return {"contact": monitored.contact, "open_risks": open_risks}


def _age(member: Mapping[str, Any], today: date) -> int | None:
    """Return full years of age (周岁)."""
    if member["birth_date"] is None:
        return None
    born = date.fromisoformat(member["birth_date"])
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
