"""What an item expects as its answer, and what an answer means: no I/O."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, StrictBool, StrictInt, model_validator

from services.inspection.checklists.severity import Severity
from shared.domain.codes import code_lists
from shared.refusal import Refusal

#: A yes or no, a count, or anything else in words: a code, a date, an amount with its decimals.
Value = StrictBool | StrictInt | str


class BadAnswer(Refusal):
    """The answer is not of the kind that the item asks for."""

    status = 422
    code = "bad_answer"
    zh = "答案与排查项目要求的类型不符"


class AnswerContradicts(Refusal):
    """The value and the verdict of an answer contradict each other."""

    status = 422
    code = "answer_contradicts"
    zh = "答案的取值与“是否存在问题”相矛盾"


class VerdictNeeded(Refusal):
    """The value alone does not tell whether the item is as it should be."""

    status = 422
    code = "verdict_needed"
    zh = "仅凭取值不能判断是否存在问题，请注明"


class Option(BaseModel):
    """One of the answers to choose from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    zh: str
    en: str


class Expected(BaseModel):
    """The type of an item's answer, and which values mean that something is wrong."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Literal["yes_no", "choice", "number"] = "yes_no"
    #: Of a choice: one of the published code lists, or options of the item's own.
    codes: str | None = None
    options: tuple[Option, ...] = ()
    #: Of a number.
    unit: str | None = None
    least: Decimal | None = None
    most: Decimal | None = None
    #: Values that mean that something is wrong; where none are named, the officer says so.
    fails: tuple[str, ...] = ()
    fails_below: Decimal | None = None
    #: Severity of the finding, by value, where it is not the item's.
    severity: dict[str, Severity] = {}

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        known = self.labels()
        if (self.type == "choice") != bool(known):
            raise ValueError("a choice, and only a choice, has a code list or options")
        if not {*self.fails, *self.severity} <= known.keys():
            raise ValueError("an answer that fails, or has a severity, is not among those to choose from")
        return self

    def labels(self) -> dict[str, Option]:
        """Return what there is to choose from, by code."""
        if self.codes:
            published = code_lists()[self.codes].codes
            return {each.code: Option(code=each.code, zh=each.zh, en=each.en) for each in published}
        return {option.code: option for option in self.options}

    def checked(self, value: Value) -> Value:
        """Return the value, or refuse one of another kind or beyond its bounds."""
        if self.type == "yes_no" and isinstance(value, bool):
            return value
        if self.type == "choice" and value in self.labels():
            return value
        if self.type == "number" and not isinstance(value, bool) and self._in_bounds(value):
            return value
        raise BadAnswer(str(self.type))

    def takes(self, value: Value) -> bool:
        """Tell whether a value is of the kind that is asked for."""
        try:
            self.checked(value)
        except BadAnswer:
            return False
        return True

    def verdict(self, value: Value) -> bool | None:
        """Tell whether a value is as it should be; None where it does not tell."""
        if isinstance(value, bool):
            return value
        if self.type == "choice" and self.fails:
            return value not in self.fails
        if self.type == "number" and self.fails_below is not None:
            return Decimal(value) >= self.fails_below
        return None

    def words(self, value: Value) -> str:
        """Return a value as people say it."""
        if self.type == "choice":
            return self.labels()[str(value)].zh
        return f"{value}{self.unit or ''}"

    def _in_bounds(self, value: Value) -> bool:
        try:
            number = Decimal(value)
        except InvalidOperation:
            return False
        if not number.is_finite():
            return False
        return (self.least is None or number >= self.least) and (self.most is None or number <= self.most)


def settled(expected: Expected, *, ok: bool | None, value: Value | None) -> tuple[bool, Value | None]:
    """Return verdict and value of an answer, each told by the other where it can be, or refuse."""
    if value is None:
        if ok is None:
            raise VerdictNeeded
        return ok, ok if expected.type == "yes_no" else None
    value = expected.checked(value)
    verdict = expected.verdict(value)
    if verdict is None and ok is None:
        raise VerdictNeeded
    if verdict is not None and ok not in (None, verdict):
        raise AnswerContradicts
    return (ok if verdict is None else verdict) is True, value
