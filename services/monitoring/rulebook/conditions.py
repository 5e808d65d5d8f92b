"""Conditions of a rule: how they are written, when they hold, what they are in SQL, and how they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple, Self

import orjson
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    StrictBool,
    StrictInt,
    StrictStr,
    model_validator,
)

from services.monitoring.rulebook.facts import AMOUNTS, SQL_TYPES, Fact, Kind
from services.monitoring.rulebook.flaws import Flaw, unsound

#: Numbers stay numbers in JSON, where a decimal would turn into text.
Number = Annotated[
    Decimal, PlainSerializer(lambda amount: int(amount) if amount == int(amount) else float(amount))
]
Scalar = StrictBool | StrictInt | Number | StrictStr
#: One for everybody, or one for each value of a fact such as ``person_class``; a list is for ``one_of``.
Threshold = Scalar | tuple[Scalar, ...] | Mapping[str, Number]
Language = Literal["zh", "en"]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class OfThreshold(_Strict):
    """A threshold of the rule's version, by its name; ``by`` is the fact whose value chooses among several."""

    threshold: str
    by: str | None = None


class OfFact(_Strict):
    """Another fact of the same household or person."""

    fact: str


Bound = OfThreshold | OfFact | Scalar | tuple[Scalar, ...]


class _Operator(NamedTuple):
    """One way to compare: for which kinds, in Python, in SQL, in words."""

    kinds: frozenset[Kind]
    holds: Callable[[Any, Any], bool]
    sql: str
    zh: str
    en: str


_SINGLE: frozenset[Kind] = frozenset({"code", "yes_no", "number", "yuan"})
_OPERATORS: Mapping[str, _Operator] = {
    "is": _Operator(_SINGLE, lambda value, bound: value == bound, "{value} = {bound}", "为", "is"),
    "is_not": _Operator(_SINGLE, lambda value, bound: value != bound, "{value} <> {bound}", "不为", "is not"),
    "one_of": _Operator(
        frozenset({"code"}),
        lambda value, bound: value in bound,
        "{value} = ANY({bound})",
        "属于",
        "is one of",
    ),
    "has": _Operator(
        frozenset({"codes"}),
        lambda value, bound: bound in value,
        "{bound} = ANY({value})",
        "包括",
        "includes",
    ),
    "over": _Operator(AMOUNTS, lambda value, bound: value > bound, "{value} > {bound}", "超过", "is over"),
    "at_least": _Operator(
        AMOUNTS, lambda value, bound: value >= bound, "{value} >= {bound}", "不低于", "is at least"
    ),
    "under": _Operator(AMOUNTS, lambda value, bound: value < bound, "{value} < {bound}", "低于", "is under"),
    "at_most": _Operator(
        AMOUNTS, lambda value, bound: value <= bound, "{value} <= {bound}", "不超过", "is at most"
    ),
}


class Condition(_Strict):
    """One thing that is asked of one fact: exactly one operator with what it is compared with."""

    fact: str
    is_: Annotated[Bound | None, Field(alias="is")] = None
    is_not: Bound | None = None
    one_of: Bound | None = None
    has: Bound | None = None
    over: Bound | None = None
    at_least: Bound | None = None
    under: Bound | None = None
    at_most: Bound | None = None

    @model_validator(mode="after")
    def _asks_one_thing(self) -> Self:
        given = [name for name in _OPERATORS if self._bound_of(name) is not None]
        if len(given) != 1:
            one_of = ", ".join(_OPERATORS)
            english = f"ask exactly one thing of {self.fact}: one of {one_of}"
            raise unsound(Flaw(english, f"对 {self.fact} 须恰好提一项要求，可用：{one_of}"))
        return self

    def _bound_of(self, operator: str) -> Bound | None:
        bound: Bound | None = getattr(self, "is_" if operator == "is" else operator)
        return bound

    @property
    def operator(self) -> str:
        """The name of the operator."""
        return next(name for name in _OPERATORS if self._bound_of(name) is not None)

    @property
    def bound(self) -> Bound:
        """What the fact is compared with."""
        bound = self._bound_of(self.operator)
        assert bound is not None  # noqa: S101 - checked when it was made
        return bound

    @property
    def facts(self) -> frozenset[str]:
        """The facts that it needs."""
        bound = self.bound
        further = {bound.fact} if isinstance(bound, OfFact) else set()
        chosen = {bound.by} if isinstance(bound, OfThreshold) and bound.by else set()
        return frozenset({self.fact} | further | chosen)

    def faults(self, known: Mapping[str, Fact], thresholds: Mapping[str, Threshold]) -> Iterator[Flaw]:
        """Say what is wrong with it, beside these facts and thresholds."""
        for name in sorted(self.facts - known.keys()):
            yield Flaw(f"there is no fact {name!r} here", f"没有 {name!r} 这项事实")
        if self.fact in known and (kind := known[self.fact].kind) not in _OPERATORS[self.operator].kinds:
            english = f"{self.operator!r} cannot be asked of {self.fact!r}, which is of kind {kind}"
            yield Flaw(english, f"{self.fact!r} 的类型是 {kind}，不能用 {self.operator!r}")
        bound = self.bound
        if isinstance(bound, OfThreshold):
            if bound.threshold not in thresholds:
                yield Flaw(f"there is no threshold {bound.threshold!r}", f"没有 {bound.threshold!r} 这个阈值")
                return
            if isinstance(thresholds[bound.threshold], Mapping) != (bound.by is not None):
                name = f"{bound.threshold!r}"
                english = f"threshold {name} has several values where 'by' says which fact chooses"
                yield Flaw(english, f"阈值 {name} 分类取值时须用 by 指明按哪项事实，否则只取一个值")
                return
        if self.facts <= known.keys():
            yield from self._misfits(known, thresholds)

    def _misfits(self, known: Mapping[str, Fact], thresholds: Mapping[str, Threshold]) -> Iterator[Flaw]:
        """Name the values that the fact cannot have, or by which none is chosen."""
        fact, bound = known[self.fact], self.bound
        value = thresholds[bound.threshold] if isinstance(bound, OfThreshold) else bound
        if isinstance(value, OfFact):
            if known[value.fact].kind not in (AMOUNTS if fact.kind in AMOUNTS else {fact.kind}):
                english = f"{self.fact!r} and {value.fact!r} are not compared"
                yield Flaw(english, f"{self.fact!r} 与 {value.fact!r} 类型不同，不能相比")
            return
        if isinstance(value, Mapping):
            chooser = known[bound.by] if isinstance(bound, OfThreshold) and bound.by else fact
            by = getattr(bound, "by", self.fact)
            for name in value:
                if not chooser.has_code(name):
                    yield Flaw(f"{name!r} is no value of {by!r}", f"{by!r} 没有 {name!r} 这个取值")
            values: Sequence[Any] = tuple(value.values())
        else:
            values = value if isinstance(value, tuple) else (value,)
            several = self.operator == "one_of"
            if isinstance(value, tuple) != several:
                english, chinese = (
                    ("several values", "列出多个值") if several else ("one value", "只写一个值")
                )
                asked = f"{self.operator!r} of {self.fact!r} takes {english}"
                yield Flaw(asked, f"{self.fact!r} 的 {self.operator!r} 须{chinese}")
        takes = fact.has_code if fact.kind == "codes" else fact.takes
        for each in values:
            if not takes(each):
                yield Flaw(f"{self.fact!r} is never {each!r}", f"{self.fact!r} 不会是 {each!r}")

    def bound_at(self, given: Mapping[str, Any], thresholds: Mapping[str, Threshold]) -> Any:
        """Return what the fact is compared with in a case; None where that is not known."""
        bound = self.bound
        if isinstance(bound, OfFact):
            return given.get(bound.fact)
        if isinstance(bound, OfThreshold):
            value = thresholds[bound.threshold]
            return value.get(str(given.get(bound.by or ""))) if isinstance(value, Mapping) else value
        return bound

    def holds(self, given: Mapping[str, Any], thresholds: Mapping[str, Threshold]) -> bool | None:
        """Tell whether it holds in a case; None where something is not known."""
        value, bound = given.get(self.fact), self.bound_at(given, thresholds)
        if value is None or bound is None:
            return None
        return _OPERATORS[self.operator].holds(value, bound)

    def sql(self, parameters: Parameters, thresholds: Mapping[str, Threshold]) -> str:
        """Return it as SQL on a table of facts."""
        kind = parameters.kinds[self.fact]
        operator = _OPERATORS[self.operator]
        return operator.sql.format(
            value=f'"{self.fact}"', bound=self._bound_sql(kind, parameters, thresholds)
        )

    def _bound_sql(self, kind: Kind, parameters: Parameters, thresholds: Mapping[str, Threshold]) -> str:
        bound = self.bound
        if isinstance(bound, OfFact):
            return f'"{bound.fact}"'
        value = thresholds[bound.threshold] if isinstance(bound, OfThreshold) else bound
        if isinstance(value, Mapping):
            assert isinstance(bound, OfThreshold)  # noqa: S101 - only thresholds have several values
            chosen = parameters.bind({name: str(each) for name, each in value.items()}, "jsonb")
            return f'CAST({chosen} ->> "{bound.by}" AS numeric)'
        of_element = "text" if kind == "codes" else SQL_TYPES[kind]
        return parameters.bind(value, f"{of_element}[]" if isinstance(value, tuple) else of_element)

    def words(
        self,
        given: Mapping[str, Any],
        thresholds: Mapping[str, Threshold],
        known: Mapping[str, Fact],
        language: Language,
    ) -> str:
        """Tell what was asked and what was the case."""
        fact, operator = known[self.fact], _OPERATORS[self.operator]
        value = fact.words(given.get(self.fact), language)
        bound = fact.words(self.bound_at(given, thresholds), language)
        if isinstance(self.bound, OfFact):
            other = known[self.bound.fact]
            bound = f"{other.zh}（{bound}）" if language == "zh" else f"the {other.en} ({bound})"
        if self.operator in {"is", "one_of"} and value == bound:
            return f"{fact.zh}：{value}" if language == "zh" else f"{fact.en}: {value}"
        if language == "zh":
            return f"{fact.zh}：{value}，{operator.zh}{bound}"
        return f"{fact.en}: {value}, which {operator.en} {bound}"


class AnyOf(_Strict):
    """Conditions of which one is enough."""

    any_: Annotated[tuple[Condition, ...], Field(alias="any", min_length=2)]

    @property
    def facts(self) -> frozenset[str]:
        """The facts that it needs."""
        return frozenset().union(*(each.facts for each in self.any_))

    def holds(self, given: Mapping[str, Any], thresholds: Mapping[str, Threshold]) -> bool | None:
        """Tell whether one of them holds; None where that is not known."""
        held = [each.holds(given, thresholds) for each in self.any_]
        return True if True in held else None if None in held else False

    def sql(self, parameters: Parameters, thresholds: Mapping[str, Threshold]) -> str:
        """Return it as SQL on a table of facts."""
        return "(" + " OR ".join(each.sql(parameters, thresholds) for each in self.any_) + ")"


Clause = Condition | AnyOf


class Parameters:
    """The values that a statement binds, each under a name of its own."""

    def __init__(self, prefix: str, kinds: Mapping[str, Kind]) -> None:
        self._prefix = prefix
        self.kinds = kinds
        self.values: dict[str, Any] = {}

    def bind(self, value: Any, sql_type: str) -> str:
        """Return the placeholder of a value."""
        name = f"{self._prefix}{len(self.values)}"
        self.values[name] = _plain(value, sql_type)
        return f"CAST(:{name} AS {sql_type})"


def _plain(value: Any, sql_type: str) -> Any:
    if sql_type == "jsonb":
        return orjson.dumps(value).decode()
    if isinstance(value, tuple):
        return [_plain(each, sql_type.removesuffix("[]")) for each in value]
    return Decimal(value) if sql_type == "numeric" else value


def each_condition(clauses: Sequence[Clause]) -> Iterator[Condition]:
    """Give all conditions, those of which one is enough among them."""
    for clause in clauses:
        yield from clause.any_ if isinstance(clause, AnyOf) else (clause,)
