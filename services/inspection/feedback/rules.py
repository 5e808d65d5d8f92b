"""Reading a line of feedback: no I/O."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.inspection.campaigns.model import Campaign
from services.inspection.checklists.catalog import checklist_of
from services.inspection.checklists.model import OF_A_VISIT, Item, ObjectKind
from services.inspection.feedback.columns import columns
from services.inspection.feedback.places import Places
from services.inspection.findings.errors import UnknownMember
from services.inspection.findings.model import Finding
from services.inspection.findings.objects import about_household, level_of
from shared.domain.days import parse_day
from shared.domain.written import plain
from shared.identity.principal import Principal
from shared.sheets.parts import OVERLONG, TOO_MANY_CELLS

_LONGEST = 2000
#: What is said behind a day: 2021年6月20日前（含当日）. Of two days nobody knows which one is meant.
_BEHIND_A_DAY = re.compile(r"(?<=[日号])[^\d〇零一二三四五六七八九十]+$|(?<=\d)[^\d日号]+$")
_HEADERS = {each.field: each.header for each in columns()}


@dataclass
class Line:
    """One line: its cells, what was wrong with them, and what it gives."""

    number: int
    cells: dict[str, str]
    #: Column's header and code.
    faults: list[tuple[str, str]]
    finding: Finding | None = None

    def blame(self, field: str, code: str) -> None:
        """Note what is wrong with a cell."""
        self.faults.append((_HEADERS[field], code))

    def reject(self) -> dict[str, Any]:
        """Return the line as one that was refused, as it is kept."""
        faults = [{"column": header, "code": code} for header, code in self.faults]
        return {"line": self.number, "faults": faults, "cells": self.cells}


@dataclass(frozen=True)
class Reading:
    """What lines are read against."""

    campaign: Campaign
    places: Places
    principal: Principal
    today: date

    def read(self, number: int, cells: dict[str, str]) -> Line:
        """Return a line with its finding, or with all that is wrong with it."""
        line = Line(number, cells, [])
        if cells.pop(OVERLONG, False):
            line.faults.append(("", TOO_MANY_CELLS))
            return line
        for field in ("problem", "item"):
            if not cells.get(field):
                line.blame(field, "missing")
        for field, cell in cells.items():
            if len(cell) > _LONGEST:
                line.blame(field, "too_long")
        item = self._item(line) if cells.get("item") else None
        about = self._about(line, item) if item else None
        raised_on = self._day(line, "raised_on") or self.today
        deadline_on = self._day(line, "deadline_on")
        self._check_days(line, raised_on, deadline_on)
        plan = [cells.get(field, "") for field in ("measures", "unit", "person")]
        if any(plan) and not all(plan):
            line.blame("measures", "plan_incomplete")
        if item and about and not line.faults:
            line.finding = self._finding(item, about, cells, raised_on, deadline_on)
        return line

    def _item(self, line: Line) -> Item | None:
        items = checklist_of(self.campaign.checklist).items
        written = plain(line.cells["item"])
        by_code = items.get(written[:5].upper())
        found = [by_code] if by_code else [each for each in items.values() if plain(each.zh) == written]
        if len(found) != 1:
            line.blame("item", "unknown_item")
            return None
        return found[0]

    def _about(self, line: Line, item: Item) -> dict[str, Any] | None:
        cells = line.cells
        field = (
            "division_code" if cells.get("division_code") else "village" if cells.get("village") else "town"
        )
        try:
            code = self.places.find(*(cells.get(name, "") for name in ("division_code", "town", "village")))
            field = "household_number" if cells.get("household_number") else "head"
            if item.object in OF_A_VISIT:
                return self._of_household(line, item, code)
        except LookupError as error:
            line.blame(field, str(error))
            return None
        return self._of_place(line, item, code)

    def _of_household(self, line: Line, item: Item, code: str | None) -> dict[str, Any] | None:
        cells = line.cells
        household = self.places.household(cells.get("household_number", ""), cells.get("head", ""), code)
        if not self.campaign.takes(household.division_code, household.kind):
            line.blame("village", "not_in_campaign")
            return None
        named = plain(cells.get("member", "") or household.head_name or "")
        members = [each for each in household.facts["members"] if plain(each["name"]) == named]
        try:
            return about_household(household, item, members[0]["id"] if len(members) == 1 else _NOBODY)
        except UnknownMember:
            line.blame("member", "unknown_member")
            return None

    def _of_place(self, line: Line, item: Item, code: str | None) -> dict[str, Any] | None:
        code = self.campaign.division_code if item.object is ObjectKind.COUNTY else code
        if code is None or (item.object is ObjectKind.VILLAGE and code.endswith("000")):
            line.blame("village", "village_needed")
            return None
        if not self.principal.covers(code):
            line.blame("village", "outside_area")
            return None
        name = line.cells.get("head") or line.cells.get("village") or line.cells.get("town") or code
        if item.object is ObjectKind.OPERATOR and not line.cells.get("head"):
            line.blame("head", "object_needed")
            return None
        return {"division_code": code, "object_name": name}

    def _day(self, line: Line, field: str) -> date | None:
        written = line.cells.get(field, "").strip()
        if not written:
            return None
        day = parse_day(written) or parse_day(_BEHIND_A_DAY.sub("", written))
        if day is None:
            line.blame(field, "not_a_date")
        return day

    def _check_days(self, line: Line, raised_on: date, deadline_on: date | None) -> None:
        if raised_on > self.today:
            line.blame("raised_on", "date_ahead")
        if deadline_on and deadline_on < raised_on:
            line.blame("deadline_on", "deadline_before")
        if deadline_on and raised_on <= self.campaign.ends_on < deadline_on:
            line.blame("deadline_on", "deadline_after_campaign")

    def _finding(
        self, item: Item, about: dict[str, Any], cells: dict[str, str], on: date, deadline_on: date | None
    ) -> Finding:
        finding = Finding(
            campaign_id=self.campaign.id,
            item=item.code,
            object_kind=item.object,
            facts=cells["problem"],
            severity=item.severity,
            source="assessment",
            raised_on=on,
            raised_by=self.principal.name,
            level=level_of(item.object),
            deadline_on=deadline_on or self.campaign.deadline(on, item.deadline_days),
            **about,
        )
        if cells.get("measures"):
            finding.plan(
                measures=cells["measures"],
                unit=cells["unit"],
                person=cells["person"],
                deadline_on=finding.deadline_on,
                on=self.today,
            )
        return finding


_NOBODY: Any = "00000000-0000-0000-0000-000000000000"
