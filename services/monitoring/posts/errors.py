"""How public-welfare posts refuse."""

from __future__ import annotations

from shared.refusal import Refusal


class NotOfPostAge(Refusal):
    """The person is too young or too old for a public-welfare post, or their birth date is not known."""

    status = 422
    code = "not_of_post_age"
    zh = "年龄不符合公益性岗位条件，或出生日期未登记"


class WorksElsewhere(Refusal):
    """Who works outside the county does not hold a public-welfare post."""

    status = 422
    code = "works_elsewhere"
    zh = "县外务工人员不得安排公益性岗位"


class PostHeldAlready(Refusal):
    """The person holds a public-welfare post in that time."""

    code = "post_held_already"
    zh = "该人员在此期间已有公益性岗位"


class PostEnded(Refusal):
    """The post has ended."""

    code = "post_ended"
    zh = "该岗位已结束"
