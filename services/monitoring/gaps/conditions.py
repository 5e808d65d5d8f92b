"""In SQL what ``rules.gap_of`` says of one household: a test holds the two together, household by household."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import (
    Boolean,
    ColumnElement,
    and_,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
    tuple_,
)
from sqlmodel import col

from services.monitoring.assistance.fits import fit_rule
from services.monitoring.assistance.model import Measure, MeasureStatus, Plan
from services.monitoring.assistance.rules import DEVELOPMENT
from services.monitoring.gaps.model import Duty, LateDuty, StatedReason
from services.monitoring.gaps.rules import gap_rule
from services.monitoring.gaps.schemas import Audit
from services.monitoring.monitored.episodes import RiskEpisode
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.replicas.model import PersonReplica
from services.monitoring.replicas.rules import ABLE

NOT_STOPPED = col(Measure.status) != MeasureStatus.STOPPED

_ANY = literal(True, Boolean)
_OPEN: tuple[ColumnElement[bool], ...] = (
    col(RiskEpisode.monitored_id) == col(MonitoredObject.id),
    col(RiskEpisode.eliminated_on).is_(None),
)


class Missing(NamedTuple):
    """Conditions on a monitored object that is under watch."""

    duties: dict[Duty, ColumnElement[bool]]
    #: The tagging from which the limit of each counts.
    owed_since: dict[Duty, Any]
    audits: dict[Audit, ColumnElement[bool]]
    #: Anything at all.
    anything: ColumnElement[bool]


def missing(today: date) -> Missing:
    """Return what makes a household one of the gap list."""
    unhelped, newest = _risks(~_against(_ANY), today), _tagging(func.max, _OPEN)
    duties: dict[Duty, ColumnElement[bool]] = {
        Duty.CONTACT: col(MonitoredObject.contact_name).is_(None),
        Duty.PLAN: ~_of_object(Plan, col(Plan.made_on) >= newest),
        Duty.MEASURES: exists().where(*unhelped).correlate(MonitoredObject),
    }
    owed_since = {
        Duty.CONTACT: _watched_since(),
        Duty.PLAN: newest,
        Duty.MEASURES: _tagging(func.min, unhelped),
    }
    idle = _can_work() & ~_helped(col(Measure.kind).in_(DEVELOPMENT))
    audits: dict[Audit, ColumnElement[bool]] = {
        Audit.NO_MEASURES: _lasts(Audit.NO_MEASURES, today) & ~_helped(_ANY),
        Audit.NO_DEVELOPMENT: _lasts(Audit.NO_DEVELOPMENT, today) & idle,
    }
    unfit = exists().where(*_risks(~_against(_fits(today)), today)).correlate(MonitoredObject)
    anything = or_(unfit, idle, *duties.values(), *audits.values())
    return Missing(duties, owed_since, audits, anything)


def was_late(duty: Duty, since: Any) -> ColumnElement[bool]:
    """Tell whether help of that kind, owed since a tagging, was marked as late."""
    return _of_object(LateDuty, col(LateDuty.duty) == duty, col(LateDuty.tagged_on) == since)


def _of_object(
    model: type[Plan | LateDuty | Measure], *conditions: ColumnElement[bool]
) -> ColumnElement[bool]:
    of_object = col(model.monitored_id) == col(MonitoredObject.id)
    return exists().where(of_object, *conditions).correlate(MonitoredObject)


def _watched_since() -> Any:
    return _tagging(func.min, _OPEN)


def _tagging(newest_or_oldest: Any, of: Iterable[ColumnElement[bool]]) -> Any:
    tagging = select(newest_or_oldest(col(RiskEpisode.tagged_on))).where(*of)
    return tagging.correlate(MonitoredObject).scalar_subquery()


def _risks(unhelped: ColumnElement[bool], today: date) -> tuple[ColumnElement[bool], ...]:
    excused = (
        exists()
        .where(
            col(StatedReason.monitored_id) == col(RiskEpisode.monitored_id),
            col(StatedReason.risk_type) == col(RiskEpisode.risk_type),
            col(StatedReason.said_on) >= col(RiskEpisode.tagged_on),
            col(StatedReason.until_on) >= today,
        )
        .correlate(RiskEpisode)
    )
    return (*_OPEN, unhelped, ~excused)


def _against(fitting: ColumnElement[bool]) -> ColumnElement[bool]:
    return (
        exists()
        .where(
            col(Measure.monitored_id) == col(RiskEpisode.monitored_id),
            col(Measure.risk_type) == col(RiskEpisode.risk_type),
            or_(col(Measure.done_on).is_(None), col(Measure.done_on) >= col(RiskEpisode.tagged_on)),
            NOT_STOPPED,
            fitting,
        )
        .correlate(RiskEpisode)
    )


def _fits(today: date) -> ColumnElement[bool]:
    rule = fit_rule(today).fits
    pairs = [(risk, kind) for risk, kinds in rule.items() for kind in kinds]
    named = col(Measure.risk_type).in_(rule)
    return or_(not_(named), tuple_(col(Measure.risk_type), col(Measure.kind)).in_(pairs))


def _helped(of_kind: ColumnElement[bool]) -> ColumnElement[bool]:
    since = or_(col(Measure.done_on).is_(None), col(Measure.done_on) >= _watched_since())
    return _of_object(Measure, since, NOT_STOPPED, of_kind)


def _can_work() -> ColumnElement[bool]:
    return exists().where(
        col(PersonReplica.household_id) == col(MonitoredObject.household_id),
        col(PersonReplica.left_on).is_(None),
        col(PersonReplica.labour).in_(ABLE),
    )


def _lasts(audit: Audit, today: date) -> ColumnElement[bool]:
    months = gap_rule(today).audits[audit].months
    return and_(_watched_since() + func.make_interval(0, months) <= today)
