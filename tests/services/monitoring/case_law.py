"""What is lawful to do with a case: written down a second time, for random moves to be held against."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from services.monitoring.cases.steps import Step
from tests.services.monitoring.conftest import COUNTY, TOWN, VILLAGE

#: Role and area of those who try; their account is named as they are.
PEOPLE = {
    "village-1": ("village_officer", VILLAGE),
    "town-1": ("town_officer", TOWN),
    "town-2": ("town_officer", TOWN),
    "county-1": ("county_officer", COUNTY),
    "county-2": ("county_officer", COUNTY),
    "county-3": ("county_officer", COUNTY),
}
ORDER = [step.replace("_", "-") for step in Step]
#: Who may not even try.
CLOSED_TO = {
    "data-check": {"village_officer", "town_officer"},
    "town-review": {"village_officer"},
    "return": {"village_officer"},
    "withdrawal/confirmation": {"village_officer"},
    "withdrawal/return": {"village_officer"},
    "joint-check": {"village_officer", "town_officer"},
    "county-approval": {"village_officer", "town_officer"},
}


@dataclass
class Law:
    """What was done, and by whom: enough to say what may be done now."""

    status: str = "open"
    done: int = 0
    approved: bool = False
    checkers: set[str] = field(default_factory=set)
    rich: bool = False
    kin: set[str] = field(default_factory=set)
    kin_present: bool = False
    deliberator: str = ""
    reviewer: str = ""
    joint: set[str] = field(default_factory=set)
    first_approver: str = ""
    withdrawer: str = ""
    risks: set[str] = field(default_factory=set)
    of_head: bool = False
    #: What happened besides, which the file does not tell: of which risks since the check, and who has left.
    told: set[str] = field(default_factory=set, compare=False)
    gone: str = field(default="", compare=False)

    @property
    def conflicted(self) -> bool:
        """Whether kin are involved."""
        return bool(self.kin) or self.kin_present

    def refusal(self, name: str, who: str, form: dict[str, Any]) -> str | None:
        """Return how a move is refused, or None where it is lawful."""
        if PEOPLE[who][0] in CLOSED_TO.get(name, ()):
            return "forbidden"
        if self.status != "open":
            return "case_not_open"
        if name == "return" or name.startswith("withdrawal"):
            return "approved_already" if self.approved else self._refusal_of_an_end(name, who, form)
        if name != ORDER[self.done]:
            return "not_at_this_step"
        return self._refusal_at(name, who, form)

    def _refusal_at(self, name: str, who: str, form: dict[str, Any]) -> str | None:
        if name == "household-check":
            relatives = {each["name"] for each in form.get("relatives", [])}
            kin = "kin_decides" if relatives & {who, *form["officers"]} else None
            return "not_of_household" if self.gone and _is_of_head(form) else kin
        if name == "deliberation":
            return "votes_do_not_add_up" if form["votes_for"] > 3 else None
        if name == "publicity":
            too_short = "publicity_too_short" if form.get("days") else None
            return too_short or ("objection_unanswered" if form.get("objections") else None)
        if name == "joint-check":
            return self._joint_refusal({who, *(each["by"] for each in form["opinions"])}, form)
        if name in {"town-review", "county-approval"}:
            same = who in self.checkers or (
                name == "county-approval"
                and who in {self.deliberator, self.reviewer, self.first_approver, *self.joint}
            )
            decided = self._refusal_to_tag(form) if name == "county-approval" else None
            return "same_person" if same else "kin_decides" if who in self.kin else decided
        return None

    def _refusal_to_tag(self, form: dict[str, Any]) -> str | None:
        if not form.get("approved", True):
            return None
        if self.gone == "all" or (self.gone and self.of_head):
            return "person_gone"
        if self.told - self.risks:
            return "risk_unchecked"
        return "criteria_not_met" if self.rich else None

    def _refusal_of_an_end(self, name: str, who: str, form: dict[str, Any]) -> str | None:
        if name == "return":
            return None if Step(form["to_step"]).number <= self.done else "not_an_earlier_step"
        if name == "withdrawal":
            return "withdrawal_pending" if self.withdrawer else None
        if not self.withdrawer:
            return "no_withdrawal"
        return "same_person_withdraws" if who == self.withdrawer else None

    def _joint_refusal(self, people: set[str], form: dict[str, Any]) -> str | None:
        if people & {*self.checkers, self.deliberator, self.reviewer}:
            return "same_person"
        if people & self.kin:
            return "kin_decides"
        # The household of the table fell ill, whatever else befalls it.
        if not {"civil_affairs", "medical_insurance", "health"} <= {
            each["department"] for each in form["opinions"]
        }:
            return "department_not_heard"
        against = [each for each in form["opinions"] if each["opinion"] != "agree"]
        return None if all(each.get("answer") for each in against) else "opinion_unanswered"

    def take(self, name: str, who: str, form: dict[str, Any]) -> None:
        """Note what was done: whatever it is, a withdrawal waits for nobody any more."""
        self.withdrawer = who if name == "withdrawal" else ""
        if name == "withdrawal/confirmation":
            self.status = "withdrawn"
        elif name.startswith("withdrawal"):
            return
        elif name == "return":
            self.done, self.first_approver = Step(form["to_step"]).number - 1, ""
        elif not (form.get("votes_for", True) and form.get("approved", True)):
            self.status = "refused"
        elif name == "county-approval" and self.conflicted and not self.first_approver:
            self.first_approver = who
        else:
            self._take_step(name, who, form)
            self.done += 1

    def _take_step(self, name: str, who: str, form: dict[str, Any]) -> None:
        if name == "household-check":
            self.checkers = {who, *form["officers"]}
            self.kin = {each["name"] for each in form.get("relatives", [])}
            self.risks, self.of_head = {each["risk_type"] for each in form["risks"]}, _is_of_head(form)
            self.told = set()
            self.kin_present, self.rich = False, form["income"]["wage"] == "90000.00"
        if name == "deliberation":
            self.kin_present = any(each.get("kin") for each in form["participants"])
            self.deliberator = who
        if name == "town-review":
            self.reviewer = who
        if name == "joint-check":
            self.joint = {who, *(each["by"] for each in form["opinions"])}
        self.approved |= name == "county-approval"
        if name == "announcement":
            self.status = "approved"


def _is_of_head(form: dict[str, Any]) -> bool:
    return any(each.get("member_id") for each in form["risks"])
