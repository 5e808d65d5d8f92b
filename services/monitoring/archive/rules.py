"""What an archive needs and what of it is missing: no I/O, no clock."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.monitoring.archive.steps import Step
from services.monitoring.limits import due
from shared.domain.dated import DatedRule, nearest, read_rules


class Need(BaseModel):
    """One thing that an archive needs: an entry, or an attachment with every entry of a kind."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    #: Code of the list ``archive_step``.
    at: str
    #: Kinds of attachment, any of which will do; none: the entry itself.
    kinds: frozenset[str] = frozenset()
    #: The time limit of an entry, from the newest tagging on.
    limit: str = ""
    zh: str
    en: str


class NeedSet(DatedRule):
    """What is needed somewhere from a day on."""

    needs: tuple[Need, ...]


@dataclass(frozen=True, slots=True)
class Under:
    """What a household is under watch for."""

    division_code: str
    #: When it was tagged last.
    tagged_on: date
    open_risks: Sequence[str]
    #: Open risks that nothing is done against and no reason excuses, and whether the plan is older than one: as the gap
    #: list has it.
    unhelped: Sequence[str] = ()
    needs_plan: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that is missing."""

    need: Need
    #: ``awaited``: something is named there and has not arrived.
    state: Literal["missing", "awaited"]
    #: The entry that it belongs to; None where the entry itself is missing.
    step: Step | None = None
    #: The risk that no measure is against.
    risk_type: str | None = None
    due_on: date | None = None


def need_set(division_code: str, on: date) -> NeedSet:
    """Return what an archive needs in a division on a day."""
    return nearest(read_rules(NeedSet, __package__, "needs.yaml"), division_code, on)


def missing_of(
    needs: Iterable[Need], steps: Sequence[Step], papers: Mapping[UUID, Collection[str | None]], under: Under
) -> list[Missing]:
    """Return what is missing; ``papers`` are the kinds that each step has, None for one that is awaited."""
    holding = [step for step in steps if step.holds]
    found: list[Missing] = []
    for need in needs:
        done = [step for step in holding if step.kind == need.at]
        found += _papers_missing(need, done, papers) if need.kinds else _entries_missing(need, done, under)
    return found


def _papers_missing(
    need: Need, done: Iterable[Step], papers: Mapping[UUID, Collection[str | None]]
) -> Iterator[Missing]:
    for step in done:
        kinds = papers.get(step.of_id, ()) if step.of_id else ()
        if need.kinds.isdisjoint(kinds):
            yield Missing(need, "awaited" if None in kinds else "missing", step)


def _entries_missing(need: Need, done: Sequence[Step], under: Under) -> Iterator[Missing]:
    if not under.open_risks and need.at != "announcement":
        # A household that is helped no more is owed nothing new; what was decided is announced all the same.
        return
    last = due(need.limit, under.division_code, under.tagged_on).on
    if need.at == "measure_planned":
        for risk in under.unhelped:
            yield Missing(need, "missing", risk_type=risk, due_on=last)
    elif under.needs_plan if need.at == "plan" else not done:
        yield Missing(need, "missing", due_on=last)
