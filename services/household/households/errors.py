"""How the registry refuses."""

from __future__ import annotations

from shared.refusal import Refusal


class UnknownVillage(Refusal):
    """The division is no village of the registry."""

    status = 422
    code = "unknown_village"
    zh = "区划代码不是已登记的村级区划"


class VillageClosed(Refusal):
    """The village is no more, or not yet: its boundaries were changed."""

    status = 422
    code = "village_closed"
    zh = "该村当前不存在（已撤销或尚未设立），请查询区划调整记录"


class HeadNeeded(Refusal):
    """A household has exactly one head."""

    status = 422
    code = "head_needed"
    zh = "每户须有且只有一名户主"


class BadIdentityNumber(Refusal):
    """An identity number does not hold."""

    status = 422
    code = "bad_identity_number"
    zh = "身份证号有误"


class ContradictsNumber(Refusal):
    """Sex or birth date contradicts the identity number."""

    status = 422
    code = "contradicts_number"
    zh = "性别或出生日期与身份证号不符"


class RepeatedPerson(Refusal):
    """The same person stands in the household twice."""

    status = 422
    code = "repeated_person"
    zh = "同一人在本户中重复登记"


class PersonRegistered(Refusal):
    """A person with this identity number belongs to a household already."""

    status = 409
    code = "person_registered"
    zh = "该身份证号已登记在其他农户中"


class NumberTaken(Refusal):
    """The village has a household with this number."""

    status = 409
    code = "household_number_taken"
    zh = "本村已有使用该户编号的农户"


class MemberGone(Refusal):
    """The member has left the household."""

    status = 409
    code = "member_gone"
    zh = "该成员已不在本户"


class RelationshipNeeded(Refusal):
    """Say who everybody is to the new head."""

    status = 422
    code = "relationship_needed"
    zh = "须写明成员与新户主的关系"


class HeadCannotLeave(Refusal):
    """Say who becomes head: the head leaves others behind."""

    status = 409
    code = "head_cannot_leave"
    zh = "户主减少后户内仍有成员，须同时指定新户主"


class DateAhead(Refusal):
    """The date lies in the future."""

    status = 422
    code = "date_ahead"
    zh = "日期不得晚于今天"
