"""What monitoring tells the other services: clues, cases, monitored objects, measures."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.contracts.envelope import AggregateState


class Lateness(AggregateState):
    """At whose table lies what is not done in time, and since when it is overdue."""

    level: str
    due_on: date
    overdue_on: date | None = None


class ClueState(AggregateState):
    """Something that may mean risk (线索); one from departmental data is a warning (预警)."""

    household_id: UUID
    member_id: UUID | None = None
    risk_type: str
    #: Where it came from, first source first: ``self_application``, ``inspection``, ``department``,
    #: ``province`` …
    sources: tuple[str, ...]
    status: str
    received_on: date
    settled_on: date | None = None


class ClueReceived(ClueState, event="monitoring.clue_received.v1"):
    """A clue arrived, or another source confirmed one."""


class ClueSettled(ClueState, event="monitoring.clue_settled.v1"):
    """A clue got its verdict: at risk (a case or candidate opens), or dismissed."""


class ClueOverdue(ClueState, Lateness, event="monitoring.clue_overdue.v1"):
    """A clue has no verdict in time, nobody came in time, or a further risk was not added; or it goes up for it."""

    #: What is late, and ``due_on`` is the limit of: ``verdict``, ``first_visit`` or ``further_risk``.
    late: str = "verdict"


class ClueRehomed(ClueState, event="monitoring.clue_rehomed.v1"):
    """A clue's household belongs to another village."""


class CaseState(AggregateState):
    """The identification (识别) of one household."""

    clue_id: UUID
    household_id: UUID
    step: str
    status: str
    green_channel: bool = False
    opened_on: date
    closed_on: date | None = None


class CaseOpened(CaseState, event="monitoring.case_opened.v1"):
    """Identification began."""


class CaseAdvanced(CaseState, event="monitoring.case_advanced.v1"):
    """A step was completed, the case was returned to an earlier one, or a withdrawal proposed or turned down."""


class CaseClosed(CaseState, event="monitoring.case_closed.v1"):
    """Identification ended: approved, refused or withdrawn."""


class CaseOverdue(CaseState, Lateness, event="monitoring.case_overdue.v1"):
    """A step of identification was not done in time, or goes to a higher table for it."""


class CaseRehomed(CaseState, event="monitoring.case_rehomed.v1"):
    """A case's household belongs to another village."""


class EpisodeState(BaseModel):
    """One risk of a monitored object, from tagging to elimination."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: UUID
    risk_type: str
    member_id: UUID | None = None
    tagged_on: date
    eliminated_on: date | None = None
    #: ``by_help`` 帮扶消除 or ``by_itself`` 自然消除.
    elimination: str | None = None
    #: True for an episode that a re-tagging (风险再标注) opened.
    retagged: bool = False


class MonitoredState(AggregateState):
    """A monitored object (监测对象) with its risk episodes."""

    household_id: UUID
    category: str
    status: str
    episodes: tuple[EpisodeState, ...]
    tagged_on: date
    eliminated_on: date | None = None
    #: How often the risk came back and was tagged again.
    retagged: int = 0
    contact: str | None = None


class HouseholdTagged(MonitoredState, event="monitoring.household_tagged.v1"):
    """A household became a monitored object (识别标注)."""


class RiskEliminated(MonitoredState, event="monitoring.risk_eliminated.v1"):
    """The risk is stably gone (风险消除)."""


class RiskRetagged(MonitoredState, event="monitoring.risk_retagged.v1"):
    """An eliminated object is at risk again (风险再标注): a new episode on the same thread."""


class MonitoringChanged(MonitoredState, event="monitoring.object_changed.v1"):
    """Anything else about a monitored object changed: contact, proposal, candidate for re-tagging, village."""


class MonitoringOverdue(MonitoredState, Lateness, event="monitoring.object_overdue.v1"):
    """An elimination, re-tagging or closure is not decided in time, or goes to a higher table for it."""


class MeasureState(AggregateState):
    """An assistance measure (帮扶措施)."""

    monitored_id: UUID
    household_id: UUID
    member_id: UUID | None = None
    kind: str
    risk_type: str | None = None
    status: str
    planned_on: date
    done_on: date | None = None


class MeasurePlanned(MeasureState, event="monitoring.measure_planned.v1"):
    """A measure was planned."""


class MeasureChanged(MeasureState, event="monitoring.measure_changed.v1"):
    """A measure made progress, was done or stopped, or its household belongs to another village."""


class HelpOverdue(AggregateState, event="monitoring.help_overdue.v1"):
    """Help for a monitored object was not arranged in time: once for each tagging and duty."""

    #: Nothing about it changes later.
    version: int = 1
    monitored_id: UUID
    household_id: UUID
    #: ``contact``, ``plan`` or ``measures``.
    duty: str
    tagged_on: date
    due_on: date
    overdue_on: date


class SupportState(AggregateState):
    """A measure for a lifted household that is not under watch (分类帮扶)."""

    household_id: UUID
    member_id: UUID | None = None
    kind: str
    status: str
    planned_on: date
    done_on: date | None = None


class SupportPlanned(SupportState, event="monitoring.support_planned.v1"):
    """A measure was planned by the household's class."""


class SupportChanged(SupportState, event="monitoring.support_changed.v1"):
    """Such a measure made progress, was done or stopped, or its household belongs to another village."""


class ClassState(AggregateState):
    """The class of a lifted household that is not under watch, of one year (脱贫户分类管理)."""

    household_id: UUID
    year: int
    stage: str
    #: In force: ``guided``, ``developed`` or ``consolidated``; None: it has none.
    decided_class: str | None = None
    #: In force before.
    previous_class: str | None = None
    decided_on: date | None = None
    left_on: date | None = None
    #: Why it has none any more, such as ``monitored``.
    departure: str | None = None


class HouseholdClassified(ClassState, event="monitoring.household_classified.v1"):
    """The county decided a household's class."""


class ClassChanged(ClassState, event="monitoring.class_changed.v1"):
    """A household left the classes, or belongs to another village."""


class FollowUpState(AggregateState):
    """A follow-up visit to a household (跟踪回访)."""

    household_id: UUID
    #: None: a lifted household that is not under watch.
    monitored_id: UUID | None = None
    visited_on: date
    #: Code of the list ``contact_way``.
    way: str
    #: Difficulties that were found, and those of them that are not solved yet.
    difficulties: int = 0
    unsolved: int = 0
    signals: int = 0


class FollowedUp(FollowUpState, event="monitoring.followed_up.v1"):
    """A household was followed up, or a difficulty that was found is solved."""


class FollowUpRehomed(FollowUpState, event="monitoring.follow_up_rehomed.v1"):
    """A follow-up's household belongs to another village; nothing was seen anew."""


class FollowUpOverdue(Lateness, event="monitoring.follow_up_overdue.v1"):
    """A household was not followed up in time, or goes to a higher table for it; ``id`` is the household."""

    #: ``monitored`` or ``lifted``.
    kind: str
    last_on: date | None = None
