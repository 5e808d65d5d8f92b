"""How follow-ups refuse."""

from __future__ import annotations

from shared.refusal import Refusal


class NothingToFollow(Refusal):
    """The household is neither under watch, nor observed after an elimination, nor lifted."""

    code = "nothing_to_follow"
    zh = "该户不是监测对象或脱贫户，无需跟踪回访"


class VisitInPerson(Refusal):
    """Only those who are away are asked at a distance: say where they are."""

    status = 422
    code = "visit_in_person"
    zh = "除外出户外应当面走访；电话、视频回访须说明外出情况"


class NoSuchDifficulty(Refusal):
    """The follow-up tells of no difficulty with this number."""

    status = 404
    code = "no_such_difficulty"
    zh = "该次走访没有此项困难"


class DifficultySolved(Refusal):
    """The difficulty is solved already."""

    code = "difficulty_solved"
    zh = "该项困难已解决"
