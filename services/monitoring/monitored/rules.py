"""When a risk may be called gone: no I/O, no clock."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from services.monitoring.monitored.episodes import RiskEpisode
from services.monitoring.monitored.errors import NotStableYet
from shared.domain.codes import code_lists
from shared.domain.income_line import IncomeLine
from shared.refusal import Fault


@dataclass(frozen=True, slots=True)
class Conditions:
    """One version of the conditions."""

    version: str
    source: str
    months_since_tagging: int
    stable_months: int
    #: Kinds of measure that help once, and keep no risk away.
    one_off: Sequence[str]


@cache
def conditions(on: date) -> Conditions:
    """Return the conditions that hold on a day."""
    entries = yaml.safe_load(files(__package__).joinpath("stability.yaml").read_text("utf-8"))
    valid = max((entry for entry in entries if entry["from"] <= on), key=lambda entry: entry["from"])
    return Conditions(**{name: valid[name] for name in Conditions.__slots__})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stability:
    """What was found out about a household whose risk may be gone."""

    #: ``by_help`` or ``by_itself``.
    how: str
    per_capita_net_income: Decimal
    #: Months for which income has been over the line.
    stable_months: int
    #: Guarantees (three, and water) that are not solid.
    unmet_guarantees: Sequence[str]
    #: Large expenditure for medicine and schooling is settled.
    expenditure_settled: bool
    open_episodes: Sequence[RiskEpisode]
    #: By type of risk, when the newest measure against it was done.
    measures_done: Mapping[str, date]
    #: The same without one-off aid.
    lasting_done: Mapping[str, date]
    #: Whether somebody in the household can work; None where the registry does not say.
    able: bool | None = None

    @property
    def unhelped(self) -> list[str]:
        """Types of open risks against which no measure was done since they were tagged."""
        return self._without(self.measures_done)

    @property
    def relieved_once(self) -> list[str]:
        """Types of open risks against which nothing but one-off aid was given since they were tagged."""
        return [each for each in self._without(self.lasting_done) if each not in self.unhelped]

    def _without(self, done: Mapping[str, date]) -> list[str]:
        return [
            episode.risk_type
            for episode in self.open_episodes
            if done.get(episode.risk_type, date.min) < episode.tagged_on
        ]


def expect_stable(found: Stability, line: IncomeLine, on: date) -> dict[str, Any]:
    """Return the judgement that stays with the elimination, or refuse with every condition that is not met."""
    rule = conditions(on)
    faults = tuple(_unmet(found, line, rule, on))
    if faults:
        raise NotStableYet(errors=faults)
    thresholds = {
        "income_line": str(line.amount),
        "income_line_source": line.source,
        "stable_months": rule.stable_months,
        "months_since_tagging": rule.months_since_tagging,
        "one_off": list(rule.one_off),
    }
    return _judgement("elimination", found, rule) | {"thresholds": thresholds}


def withhold(found: Stability, on: date) -> dict[str, Any]:
    """Return the judgement that stays where nobody can work; refuse while nothing was done against a risk."""
    faults = tuple(_unhelped(found))
    if faults:
        raise NotStableYet(errors=faults)
    return _judgement("elimination_withheld", found, conditions(on))


def _judgement(name: str, found: Stability, rule: Conditions) -> dict[str, Any]:
    return {
        "rule": name,
        "version": rule.version,
        "source": rule.source,
        "inputs": {
            "how": found.how,
            "per_capita_net_income": str(found.per_capita_net_income),
            "stable_months": found.stable_months,
            "risks": [episode.risk_type for episode in found.open_episodes],
            "measures_done": {risk: day.isoformat() for risk, day in found.measures_done.items()},
        },
    }


def months_later(day: date, months: int) -> date:
    """Return the same day so many months later, or the month's last one."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _unmet(found: Stability, line: IncomeLine, rule: Conditions, on: date) -> Iterator[Fault]:
    if found.per_capita_net_income <= line.amount:
        yield Fault(
            "/per_capita_net_income",
            "income_not_over_line",
            f"income must be over {line.amount} yuan",
            zh=f"人均纯收入须超过{line.amount}元",
        )
    if found.stable_months < rule.stable_months:
        yield Fault(
            "/stable_months",
            "not_stable_long_enough",
            f"income must have been stable for {rule.stable_months} months",
            zh=f"收入须持续稳定{rule.stable_months}个月",
        )
    if not found.expenditure_settled:
        yield Fault(
            "/expenditure_settled",
            "expenditure_unsettled",
            "large expenditure goes on",
            zh="刚性支出问题尚未解决",
        )
    for guarantee in found.unmet_guarantees:
        yield Fault(
            f"/guarantees/{guarantee}", "guarantee_unmet", "not solid", zh="“三保障”和饮水安全未得到巩固"
        )
    earliest = months_later(
        max((episode.tagged_on for episode in found.open_episodes), default=on), rule.months_since_tagging
    )
    if on < earliest:
        yield Fault(
            "/on", "tagged_too_recently", f"not before {earliest}", zh=f"识别标注未满半年，不得早于{earliest}"
        )
    if found.able is False:
        yield Fault(
            "", "nobody_can_work", "nobody here can work: it is withheld", zh="整户无劳动力，暂不标注风险消除"
        )
    if found.how == "by_help":
        yield from _unhelped(found)


def _unhelped(found: Stability) -> Iterator[Fault]:
    types = code_lists()["risk_type"]
    for risk_type in found.unhelped:
        words = f"no measure against {types.label(risk_type, 'en')} was done"
        yield Fault("", "no_measure_done", words, zh=f"风险（{types.label(risk_type)}）尚无已实施的帮扶措施")
    for risk_type in found.relieved_once:
        words = f"against {types.label(risk_type, 'en')} there was one-off aid only"
        yield Fault(
            "", "one_off_aid_only", words, zh=f"风险（{types.label(risk_type)}）仅有一次性救助，不得据此消除"
        )
