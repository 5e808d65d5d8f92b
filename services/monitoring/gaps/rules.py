"""What is missing in the assistance of one household: no I/O, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pydantic import PositiveInt

from services.monitoring.assistance.fits import fit_rule, fits
from services.monitoring.assistance.model import Measure
from services.monitoring.assistance.rules import DEVELOPMENT
from services.monitoring.dates import months_after
from services.monitoring.gaps import errors
from services.monitoring.gaps.model import Duty, StatedReason
from services.monitoring.gaps.schemas import Audit
from services.monitoring.monitored.episodes import RiskEpisode
from services.monitoring.replicas.model import PersonReplica
from services.monitoring.replicas.rules import has_labour
from shared.domain.dated import DatedRule, Wording, in_force, read_rules


class AuditRule(Wording):
    """A complaint: after how many months, the national rule's number, and words for people."""

    months: PositiveInt
    rule: str


class GapRule(DatedRule):
    """What is missing, as it is judged from a day on."""

    longest_reason_days: PositiveInt
    audits: Mapping[Audit, AuditRule]


def gap_rule(on: date) -> GapRule:
    """Return the rule that holds in the whole country on a day."""
    return in_force(read_rules(GapRule, __package__, "rules.yaml"), on)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """What is known of one household's help."""

    episodes: Sequence[RiskEpisode]
    #: Those that were not stopped.
    measures: Sequence[Measure]
    reasons: Sequence[StatedReason]
    members: Sequence[PersonReplica]
    contact: str | None
    #: The day of the newest plan.
    planned_on: date | None

    @property
    def watched_since(self) -> date:
        """The day of the oldest risk that is open."""
        return min(each.tagged_on for each in self.episodes)

    @property
    def newest_tagging(self) -> date:
        """The day of the newest risk that is open."""
        return max(each.tagged_on for each in self.episodes)

    @property
    def is_planned(self) -> bool:
        """Tell whether there is a plan since the newest risk."""
        return self.planned_on is not None and self.planned_on >= self.newest_tagging


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What is missing in the assistance of one household."""

    risks_without_measure: Sequence[str]
    risks_misfitted: Sequence[str]
    #: Somebody could work, but nothing helps them to earn.
    needs_development: bool
    #: Nobody is named who helps and watches.
    needs_contact: bool
    needs_plan: bool
    audits: Sequence[Audit]
    #: What is owed and missing, with the tagging from which its limit counts: a plan and measures anew with each risk.
    owed_since: Mapping[Duty, date]

    def __bool__(self) -> bool:
        risks = self.risks_without_measure or self.risks_misfitted
        needs = self.needs_development or self.needs_contact or self.needs_plan
        return bool(risks or needs or self.audits)


def gap_of(known: Help, today: date) -> Gap:
    """Tell what is missing today; ``known.episodes`` are those of open risks, and at least one."""
    rule = fit_rule(today)
    unhelped: list[RiskEpisode] = []
    misfitted: list[str] = []
    for episode in known.episodes:
        if _is_excused(episode, known.reasons, today):
            continue
        kinds = [each.kind for each in known.measures if _is_against(each, episode)]
        if not kinds:
            unhelped.append(episode)
        elif not any(fits(kind, episode.risk_type, rule) for kind in kinds):
            misfitted.append(episode.risk_type)
    still_help = [each.kind for each in known.measures if _helps_since(each, known.watched_since)]
    idle = has_labour(known.members) is True and not DEVELOPMENT.intersection(still_help)
    owed = {
        Duty.CONTACT: [known.watched_since] if known.contact is None else [],
        Duty.PLAN: [] if known.is_planned else [known.newest_tagging],
        Duty.MEASURES: [each.tagged_on for each in unhelped],
    }
    return Gap(
        risks_without_measure=[each.risk_type for each in unhelped],
        risks_misfitted=misfitted,
        needs_development=idle,
        needs_contact=known.contact is None,
        needs_plan=not known.is_planned,
        audits=_audits(known.watched_since, today, is_unhelped=not still_help, is_idle=idle),
        owed_since={duty: min(days) for duty, days in owed.items() if days},
    )


def expect_lapsing(until_on: date, rule: GapRule, today: date) -> None:
    """Refuse a reason that is over already, or would hold for too long."""
    days = rule.longest_reason_days
    if not today <= until_on <= today + timedelta(days=days):
        raise errors.ReasonTooLong(f"{days} days at most", zh_detail=f"最长 {days} 天")


def _helps_since(measure: Measure, day: date) -> bool:
    # What was done before the risk came (back) has not kept it away.
    return measure.done_on is None or measure.done_on >= day


def _is_against(measure: Measure, episode: RiskEpisode) -> bool:
    return measure.risk_type == episode.risk_type and _helps_since(measure, episode.tagged_on)


def _is_excused(episode: RiskEpisode, reasons: Sequence[StatedReason], today: date) -> bool:
    return any(
        each.risk_type == episode.risk_type and each.said_on >= episode.tagged_on and each.until_on >= today
        for each in reasons
    )


def _audits(since: date, today: date, *, is_unhelped: bool, is_idle: bool) -> list[Audit]:
    complaints = {Audit.NO_MEASURES: is_unhelped, Audit.NO_DEVELOPMENT: is_idle}
    rules = gap_rule(today).audits
    return [
        audit
        for audit, holds in complaints.items()
        if holds and months_after(since, rules[audit].months) <= today
    ]
