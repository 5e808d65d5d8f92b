"""How a visit refuses."""

from __future__ import annotations

from shared.refusal import Refusal


class OutsideSchedule(Refusal):
    """The visit lies outside the days on which this town or park visits households."""

    status = 409
    code = "outside_schedule"
    zh = "走访日期不在本镇（园区）实地排查期内"


class VisitInFuture(Refusal):
    """The visit has not happened yet."""

    status = 422
    code = "visit_in_future"
    zh = "走访时间不得晚于现在"


class VisitIdReused(Refusal):
    """Another visit was sent with the same id."""

    status = 409
    code = "visit_id_reused"
    zh = "该走访编号已用于另一次走访"


class NotAskedOnVisit(Refusal):
    """The item is not asked at the door: raise the finding by itself."""

    status = 422
    code = "not_asked_on_visit"
    zh = "该项目不在入户排查内容之内，请单独登记问题"


class UnknownHousehold(Refusal):
    """There is no such household in your area."""

    status = 404
    code = "unknown_household"
    zh = "该农户不存在，或不在您的管辖范围内"


class NotInConflict(Refusal):
    """Nothing of the visit waits for a person to say what is true."""

    status = 409
    code = "not_in_conflict"
    zh = "该走访没有待核定的冲突"


class AlreadyDismissed(Refusal):
    """The refused visit has been dismissed before."""

    status = 409
    code = "refused_visit_dismissed"
    zh = "该被退回的走访已作废"
