"""Rules kept as data: what holds in a place from a day on, and who says so."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from importlib.resources import files
from typing import TypeVar, cast

import yaml
from pydantic import BaseModel, ConfigDict, Field

from shared.domain.division import DivisionCode, within


class DatedRule(BaseModel):
    """A version of a rule. It holds from ``from`` until the next one of the same place."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    #: None: everywhere.
    area: DivisionCode | None = None
    valid_from: date = Field(alias="from")
    source: str


class Wording(BaseModel):
    """What a rule says of something, as people read it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    zh: str
    en: str


R = TypeVar("R", bound=DatedRule)


def read_rules(kind: type[R], package: str, name: str) -> tuple[R, ...]:
    """Return all versions in a package's data file, oldest first."""
    return cast("tuple[R, ...]", _read(kind, package, name))


@cache
def _read(kind: type[DatedRule], package: str, name: str) -> tuple[DatedRule, ...]:
    entries = yaml.safe_load(files(package).joinpath(name).read_text("utf-8"))
    return tuple(sorted(map(kind.model_validate, entries), key=lambda each: each.valid_from))


def in_force(rules: Iterable[R], on: date) -> list[R]:
    """Return the version that holds on a day in each place that has one, the widest place first."""
    newest = {
        each.area: each for each in sorted(rules, key=lambda each: each.valid_from) if each.valid_from <= on
    }
    return sorted(newest.values(), key=lambda each: (each.area or "").rstrip("0"))


def covering(rules: Iterable[R], division_code: str, on: date) -> list[R]:
    """Return the versions that hold in a division on a day, the nearest place's last."""
    return [each for each in in_force(rules, on) if each.area is None or within(division_code, each.area)]


def nearest(rules: Iterable[R], division_code: str, on: date) -> R:
    """Return the version that holds in a division on a day: the nearest place's; before there was any, the first."""
    known = list(rules)
    began = min(each.valid_from for each in known)
    return covering(known, division_code, max(on, began))[-1]
