"""Refusals: the one way in which a rule, a model or an endpoint says no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in what was sent: where (RFC 6901 JSON pointer), a stable code, and words for people.

    Never carries the offending value: it may be an identity number.
    """

    pointer: str
    code: str
    message: str
    zh: str = ""


class Refusal(Exception):  # noqa: N818 - refusals are named for what is refused, as the house style asks
    """The request was refused."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "refused"
    zh: ClassVar[str] = "请求被拒绝"
    #: Extra answer headers, such as ``Retry-After``.
    headers: Mapping[str, str] = {}

    def __init__(self, detail: str = "", *, zh_detail: str = "", errors: tuple[Fault, ...] = ()) -> None:
        super().__init__(detail or self.title())
        self.detail = detail
        self.zh_detail = zh_detail or detail
        self.errors = errors

    @classmethod
    def title(cls) -> str:
        """Return the docstring's first line: the title that callers see."""
        return (cls.__doc__ or "").strip().splitlines()[0]


class NotFound(Refusal):
    """There is no such thing, or it lies outside your area."""

    status = 404
    code = "not_found"
    zh = "不存在，或不在您的管辖范围内"


class Stale(Refusal):
    """It has changed since you read it."""

    status = 412
    code = "stale"
    zh = "数据已被他人修改，请重新读取"


class Invalid(Refusal):
    """What was sent does not hold."""

    status = 422
    code = "invalid"
    zh = "提交的内容不符合要求"


class Unavailable(Refusal):
    """A part that this answer needs is not available."""

    status = 503
    code = "unavailable"
    zh = "服务暂不可用，请稍后重试"
    headers: Mapping[str, str] = {"Retry-After": "5"}
