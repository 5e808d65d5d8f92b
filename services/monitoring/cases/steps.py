"""The steps of identification (识别程序), in their order."""

from __future__ import annotations

from enum import StrEnum

from shared.domain.level import Level


class Step(StrEnum):
    """A step; each needs the one before."""

    CONSENT = "consent"
    HOUSEHOLD_CHECK = "household_check"
    DATA_CHECK = "data_check"
    DELIBERATION = "deliberation"
    PUBLICITY = "publicity"
    TOWN_REVIEW = "town_review"
    JOINT_CHECK = "joint_check"
    COUNTY_APPROVAL = "county_approval"
    ANNOUNCEMENT = "announcement"

    @property
    def number(self) -> int:
        """Its place in the order, from 1."""
        return list(Step).index(self) + 1

    @property
    def following(self) -> Step | None:
        """The next step, if there is one."""
        return next((step for step in Step if step.number == self.number + 1), None)

    @property
    def level(self) -> Level:
        """At whose table it lies in the first place."""
        return _LEVELS.get(self, Level.VILLAGE)

    @property
    def limit(self) -> str:
        """The name of its time limit: publicity must also last long enough, which is another one."""
        return "publicity_end" if self is Step.PUBLICITY else self.value


_LEVELS = {
    Step.DATA_CHECK: Level.COUNTY,
    Step.TOWN_REVIEW: Level.TOWN,
    Step.JOINT_CHECK: Level.COUNTY,
    Step.COUNTY_APPROVAL: Level.COUNTY,
}
