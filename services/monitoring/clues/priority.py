"""Which clues are looked into first: data by place and date, and what they make of a clue."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from services.monitoring.replicas.model import HouseholdReplica
from shared.domain.dated import DatedRule, nearest, read_rules

#: 3 (一般): nothing says that it is more urgent.
ORDINARY = 3
_UNSAFE_GRADES = frozenset({"C", "D"})


class Level(BaseModel):
    """One reason why a clue comes first: all that is stated must hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    priority: int
    zh: str
    en: str
    risks: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    told_by: int = 0
    household: tuple[str, ...] = ()

    def holds(self, risk_type: str, sources: Collection[str], facts: Collection[str]) -> bool:
        """Tell whether a clue is one of these."""
        return (
            (not self.risks or risk_type in self.risks)
            and (not self.sources or not set(self.sources).isdisjoint(sources))
            and len(sources) >= self.told_by
            and (not self.household or not set(self.household).isdisjoint(facts))
        )


class PrioritySet(DatedRule):
    """The levels that hold somewhere from a day on."""

    levels: tuple[Level, ...]


class Priority(NamedTuple):
    """How urgent a clue is, 1 to 3, by which version of the rule, and why."""

    level: int
    rule: str
    zh: str
    en: str


def priority_of(risk_type: str, sources: Collection[str], household: HouseholdReplica, on: date) -> Priority:
    """Return how urgent a clue is by what is known of it and its household."""
    rule = nearest(read_rules(PrioritySet, __package__, "priority.yaml"), household.division_code, on)
    facts = facts_of(household)
    for level in rule.levels:
        if level.holds(risk_type, sources, facts):
            return Priority(level.priority, rule.version, level.zh, level.en)
    return Priority(ORDINARY, rule.version, "一般线索", "an ordinary clue")


def facts_of(household: HouseholdReplica) -> frozenset[str]:
    """Return what of a household makes a clue about it more urgent."""
    held = {
        "minimum_living": household.minimum_living,
        "destitute": household.destitute,
        "unsafe_housing": household.housing_grade in _UNSAFE_GRADES,
        "unsafe_water": household.water_safe is False,
    }
    return frozenset(name for name, holds in held.items() if holds)
