"""What a figure must come to before anybody can be hit: where that depends on what people are, for each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from services.monitoring.rulebook.conditions import Condition, OfThreshold, Threshold
from services.monitoring.rulebook.documents import Version


@dataclass(frozen=True, slots=True)
class Least:
    """An amount below which nobody is hit."""

    amount: Decimal
    #: The fact whose value decides on more than that, and how much each of its values asks for.
    by: str = ""
    of_each: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def of_most(self) -> Decimal:
        """The amount from which on everybody may be hit, whatever they are."""
        return max(self.of_each.values(), default=self.amount)

    @property
    def sooner(self) -> list[str]:
        """The values of the fact of whom less is asked than of the others."""
        return sorted(value for value, amount in self.of_each.items() if amount < self.of_most)


def least_of(versions: Sequence[Version], figure: str) -> Least | None:
    """Return what all these versions ask at least; None where one of them asks for no amount."""
    bounds = [_of_version(version, figure) for version in versions]
    known = [bound for bound in bounds if bound is not None]
    if not known or len(known) < len(bounds):
        return None
    amount = min(bound.amount for bound in known)
    facts = {bound.by for bound in known}
    if len(facts) > 1 or facts == {""}:
        return Least(amount)
    values = {value for bound in known for value in bound.of_each}
    of_each = {
        value: min(bound.of_each[value] for bound in known if value in bound.of_each) for value in values
    }
    return Least(amount, facts.pop(), of_each)


def _of_version(version: Version, figure: str) -> Least | None:
    """Return what the condition asks that asks for most: all must hold."""
    bounds = [
        bound
        for clause in version.if_
        if isinstance(clause, Condition) and clause.fact == figure
        if (bound := _of_condition(clause, version.thresholds)) is not None
    ]
    return max(bounds, key=lambda bound: bound.amount, default=None)


def _of_condition(condition: Condition, thresholds: Mapping[str, Threshold]) -> Least | None:
    bound = condition.bound
    if condition.operator not in {"over", "at_least"}:
        return None
    value = thresholds[bound.threshold] if isinstance(bound, OfThreshold) else bound
    if isinstance(value, Mapping):
        assert isinstance(bound, OfThreshold)  # noqa: S101 - only thresholds have several values
        of_each = {name: Decimal(str(each)) for name, each in value.items()}
        return Least(min(of_each.values()), bound.by or "", of_each)
    return Least(Decimal(str(value))) if isinstance(value, int | Decimal) else None
