"""How the replicas refuse."""

from __future__ import annotations

from shared.refusal import Refusal


class HouseholdUnknown(Refusal):
    """No such household is known here (yet), or it lies outside your area."""

    status = 404
    code = "household_unknown"
    zh = "未找到该农户，或不在您的管辖范围内"


class PersonUnknown(Refusal):
    """Nobody with that identity number is known here, or they live outside your area."""

    status = 404
    code = "person_unknown"
    zh = "未找到该身份证号对应的人员，或不在您的管辖范围内"


class NotOfHousehold(Refusal):
    """The person is no present member of the household."""

    status = 422
    code = "not_of_household"
    zh = "该人员不是本户现有成员"
