"""What a column of a department's file may hold."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.domain.codes import code_lists
from shared.sheets.form import plain_header


class ColumnType(StrEnum):
    """How a cell is read."""

    TEXT = "text"
    #: An amount of money as offices write it.
    YUAN = "yuan"
    #: A number with up to two decimals, its unit written behind it or not.
    NUMBER = "number"
    INTEGER = "integer"
    DATE = "date"
    YES_NO = "yes_no"
    #: A code of the list that ``codes`` names, its label or an alias.
    CODE = "code"


T = ColumnType
#: Fields with a meaning of their own, and as what they may be written. Any other field is kept beside them, as it is.
ROLES: Mapping[str, frozenset[ColumnType]] = {
    "name": frozenset({T.TEXT}),
    "identity_number": frozenset({T.TEXT}),
    "birth_date": frozenset({T.DATE}),
    #: A village, town or county: its code, or its name as offices write it. What is told of places is told of villages.
    "division": frozenset({T.TEXT}),
    "amount": frozenset({T.YUAN}),
    "quantity": frozenset({T.NUMBER, T.INTEGER}),
    "happened_on": frozenset({T.DATE}),
    "kind": frozenset({T.TEXT, T.CODE}),
    "note": frozenset({T.TEXT}),
}
#: By which a row finds whom it is about.
KEYS = frozenset({"name", "identity_number", "birth_date", "division"})
#: What is kept of a row in a place of its own; whatever else its dataset declares is kept together.
VALUES = ("amount", "quantity", "happened_on", "kind", "note")
#: How headers tell the unit of an amount; and units that are written in several ways.
_TOLD = {way: unit for unit in ("元", "万元") for way in (unit, f"{unit}人民币", f"人民币{unit}")} | {
    "万": "万元"
}
_SAME = {"平方米": ("㎡", "m²", "m2", "平米")}
_USUAL = {name: next(iter(types)) for name, types in ROLES.items() if len(types) == 1}


class Column(BaseModel):
    """A column of a department's file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")]
    header: str
    type: ColumnType = T.TEXT
    required: bool = False
    aliases: tuple[str, ...] = ()
    #: Name of a code list.
    codes: str | None = None
    #: The code for whatever else offices write there; without one, such a row is invalid.
    otherwise: str | None = None
    #: Of identity numbers: a disability card's number, which begins with one, may stand there as well.
    cards: bool = False
    #: Of days on which something has been: one ahead is a slip. Of what is granted or ends on a day, it may be ahead.
    past: bool = False
    #: In which figures are written where the cell does not say it: 元, 万元, 亩, 天 …
    unit: str = ""
    #: A cell for the sample file, where its type has no better one.
    sample: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """As what offices call it."""
        return (self.header, *self.aliases)

    @property
    def units(self) -> tuple[str, ...]:
        """Every way to write its unit."""
        return (self.unit, *_SAME.get(self.unit, ()))

    @property
    def titled(self) -> str:
        """As what people see it who write beneath it: with the unit of bare figures."""
        return f"{self.header}（{self.unit}）" if self.unit else self.header

    @property
    def with_units(self) -> dict[str, str]:
        """The plain headers of an amount that tell its unit behind the name, with that unit."""
        if self.type is not T.YUAN:
            return {}
        return {plain_header(name + unit): told for name in self.names for unit, told in _TOLD.items()}

    @model_validator(mode="before")
    @classmethod
    def _usual_type(cls, given: dict[str, object]) -> dict[str, object]:
        """Know how a field is written that is written in one way only."""
        usual = _USUAL.get(str(given.get("field")))
        return {"type": usual, **given} if usual else given

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.type not in ROLES.get(self.field, set(T)):
            raise ValueError(f"{self.field} is not written as {self.type}")
        if self.cards and self.field != "identity_number":
            raise ValueError(f"{self.field}: cards tell identity numbers")
        if self.past and self.type is not T.DATE:
            raise ValueError(f"{self.field}: days are past")
        if (self.type is T.CODE) != (self.codes is not None):
            raise ValueError(f"{self.field}: a column of codes names its list, and no other does")
        if self.codes is not None and self.codes not in code_lists():
            raise ValueError(f"{self.field}: there is no code list {self.codes}")
        if self.otherwise is not None and (
            self.codes is None or self.otherwise not in code_lists()[self.codes]
        ):
            raise ValueError(f"{self.field}: {self.otherwise} is no code of its list")
        return self
