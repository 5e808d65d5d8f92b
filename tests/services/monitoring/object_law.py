"""What is lawful to do with a monitored object: written down a second time, for random moves to be held against."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from services.monitoring.monitored.rules import months_later
from tests.services.monitoring.conftest import COUNTY, TOWN, VILLAGE

PEOPLE = {
    "village-1": ("village_officer", VILLAGE),
    "town-1": ("town_officer", TOWN),
    "county-1": ("county_officer", COUNTY),
    "county-2": ("county_officer", COUNTY),
}
#: What only the county may, and what the town may as well.
OF_COUNTY = {
    "closure/confirmation",
    "closure/return",
    "elimination/approval",
    "retagging/confirmation",
    "retagging/return",
    "risks/return",
}
OF_TOWN = {"risks", "closure", "elimination/review", "elimination/return", "retagging"}


@dataclass
class Law:
    """What an object is, and who did what about it: enough to say what may be done now."""

    #: Whether somebody in the household can work.
    able: bool
    status: str = "monitored"
    #: Open risks, each with the day on which it was tagged.
    risks: dict[str, date] = field(default_factory=dict)
    helped: dict[str, date] = field(default_factory=dict)
    proposer: str = ""
    deliberator: str = ""
    reviewer: str = ""
    verifier: str = ""
    closer: str = ""
    returned_risk: str = ""
    unsettled: dict[str, str] = field(default_factory=dict)
    #: Verified risks, each with its clue and who verified it, until they are added, tagged again or turned down.
    verified: dict[str, tuple[str, str]] = field(default_factory=dict)
    #: On which day each clue was verified, and on which the elimination was proposed that is under way.
    verdicts: dict[str, date] = field(default_factory=dict)
    proposed_on: date = date.max
    retagged: int = 0

    def refusal(self, name: str, who: str, risk: str, today: date) -> str | None:
        """Return how a move is refused, or None where it is lawful."""
        role = PEOPLE[who][0]
        if (name in OF_COUNTY and role != "county_officer") or (
            name in OF_TOWN and role == "village_officer"
        ):
            return "forbidden"
        if name == "contact" or name.startswith("closure"):
            return self._of_closure(name, who)
        if name.startswith("risks"):
            return self._of_risks(name, who, risk)
        if name == "elimination" and self.status not in {"monitored", "elimination_withheld"}:
            return "not_monitored"
        if name == "elimination":
            return None if self.is_stable(today) else "not_stable_yet"
        return self._of_elimination(name, who) if name.startswith("elim") else self._of_retagging(name, who)

    def is_stable(self, today: date) -> bool:
        """Tell whether elimination may be proposed, or, where nobody can work, be withheld."""
        if not self.able:
            return all(self.helped.get(risk, date.min) >= on for risk, on in self.risks.items())
        return today >= months_later(max(self.risks.values()), 6)

    def _of_risks(self, name: str, who: str, risk: str) -> str | None:
        if name == "risks/return":
            waits = self.verified.get(risk) if self.risks else None
            return "no_further_risk" if waits is None else "same_person" if who == waits[1] else None
        if self.status not in {"monitored", "elimination_withheld"}:
            return "not_monitored"
        too_many = "too_many_risks" if len(self.risks) == 5 else None
        return too_many or ("risk_open_already" if risk in self.risks else None)

    def _of_elimination(self, name: str, who: str) -> str | None:
        if not self.proposer or name == "elimination/return":
            return None if self.proposer else "no_elimination"
        if name == "elimination/deliberation":
            return "no_elimination" if self.deliberator else None
        same = "same_person" if who in {self.proposer, self.deliberator, self.reviewer} else None
        if name == "elimination/review":
            early = None if self.deliberator else "not_deliberated"
            return early or ("no_elimination" if self.reviewer else same)
        if not self.reviewer:
            return "not_reviewed"
        return same or self._against_approval()

    def _against_approval(self) -> str | None:
        if self.unsettled:
            return "clues_unsettled"
        if self.verified or any(on >= self.proposed_on for on in self.verdicts.values()):
            return "risk_verified"
        return None if self.able else "nobody_can_work"

    def _of_closure(self, name: str, who: str) -> str | None:
        if name in {"contact", "closure"} and self.status == "closed":
            return "object_closed"
        if name in {"contact", "closure"}:
            return "closure_pending" if self.closer and name == "closure" else None
        if not self.closer:
            return "no_closure"
        return "same_person" if who == self.closer else None

    def _of_retagging(self, name: str, who: str) -> str | None:
        if name == "retagging":
            pending = "retagging_pending" if self.verifier else None
            return pending if self.status in {"eliminated", "retag_candidate"} else "not_eliminated"
        if not self.verifier:
            return "no_retagging"
        return "same_person" if who == self.verifier else None

    def take(self, name: str, who: str, risk: str, today: date) -> None:
        """Note what was done."""
        if name == "closure":
            self.closer = who
        elif name == "closure/return":
            self.closer = ""
        elif name == "closure/confirmation":
            self.status, self.risks = "closed", {}
            self.proposer = self.deliberator = self.reviewer = self.verifier = self.closer = ""
            self.verified = {}
        elif name == "risks":
            self.risks[risk] = today
            self._settle(risk, who, today)
            self.verified.pop(risk, None)
        elif name == "risks/return":
            del self.verdicts[self.verified.pop(risk)[0]]
        elif name.startswith("elim"):
            self._take_elimination(name, who, today)
        elif name.startswith("retag"):
            self._take_retagging(name, who, risk, today)

    def accept(self, risk: str, who: str, today: date) -> None:
        """Note that somebody verified what was told of a risk."""
        self._settle(risk, who, today)
        if self.status == "eliminated":
            self.status = "retag_candidate"
        if risk in self.risks:
            del self.verified[risk]

    def take_dismissal(self, risk: str) -> None:
        """Note that a clue was none: a candidate for its sake alone, with no re-tagging to decide, is none either."""
        del self.unsettled[risk]
        if self.status == "retag_candidate" and not (self.verifier or self.unsettled or self.verified):
            self.status = "eliminated"

    def _settle(self, risk: str, who: str, today: date) -> None:
        if clue_id := self.unsettled.pop(risk, None):
            self.verified[risk], self.verdicts[clue_id] = (clue_id, who), today

    def _take_elimination(self, name: str, who: str, today: date) -> None:
        match name:
            case "elimination" if not self.able:
                self.status = "elimination_withheld"
            case "elimination":
                self.status, self.proposer, self.proposed_on = "elimination_proposed", who, today
            case "elimination/deliberation":
                self.deliberator = who
            case "elimination/review":
                self.reviewer = who
            case "elimination/approval":
                self.status, self.risks = "eliminated", {}
                self.proposer = self.deliberator = self.reviewer = ""
            case "elimination/return":
                self.status = "monitored"
                self.proposer = self.deliberator = self.reviewer = ""

    def _take_retagging(self, name: str, who: str, risk: str, today: date) -> None:
        match name:
            case "retagging":
                self.status, self.verifier, self.returned_risk = "retag_candidate", who, risk
                self._settle(risk, who, today)
            case "retagging/confirmation":
                self.verified.pop(self.returned_risk, None)
                self.status, self.risks, self.verifier = "monitored", {self.returned_risk: today}, ""
                self.retagged += 1
            case "retagging/return":
                self.verified.pop(self.returned_risk, None)
                self.status, self.verifier = "retag_candidate" if self.verified else "eliminated", ""
