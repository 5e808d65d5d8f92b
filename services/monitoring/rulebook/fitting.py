"""What a rule must be, beyond sound in itself, to be asked beside others: one that cannot be would fail every batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from services.monitoring.datasets.catalog import datasets
from services.monitoring.rulebook.conditions import each_condition
from services.monitoring.rulebook.documents import Rule, Version
from services.monitoring.rulebook.facts import AMOUNTS
from services.monitoring.rulebook.figures import Figure, Take
from services.monitoring.rulebook.gathering import key_of
from shared.refusal import Fault

#: The column that a figure is taken from; of rows alone, none.
_TAKEN_FROM: Mapping[Take, str] = {
    "sum_amount": "amount",
    "max_amount": "amount",
    "sum_quantity": "quantity",
    "max_quantity": "quantity",
    "newest_kind": "kind",
}
#: PostgreSQL takes names of 63 letters, and each figure has some that are longer by these.
_LONGEST_NAME = 63 - len("about_") - len("_batches")
#: As amounts are held: see ``values``.
_MOST = Decimal(10**12)


def misfits(rule: Rule) -> Iterator[Fault]:
    """Name what is wrong with a rule's figures, and with what its versions ask of them."""
    for name, figure in rule.figures.items():
        where = f"/document/figures/{name}"
        if len(name) > _LONGEST_NAME:
            yield _fault(where, "its name is too long", f"名称过长，至多 {_LONGEST_NAME} 个字母")
        if figure.kind not in (("code",) if figure.take == "newest_kind" else AMOUNTS):
            yield _fault(f"{where}/kind", f"{figure.take} is never that", f"{figure.take} 的值不是这一类型")
        yield from _untold(rule, figure, where)
    for place, version in enumerate(rule.versions):
        where = f"/document/versions/{place}"
        if rule.figures and not version.needed & rule.figures.keys():
            english = "a condition asks one of the rule's figures, whatever else is the case (not within any)"
            yield _fault(f"{where}/if", english, "至少一项条件须直接取用本规则的 figures，不能只在 any 之内")
        if any(abs(number) >= _MOST for number in _numbers(version)):
            yield _fault(where, "numbers are below a million millions", "数值应小于一万亿")


def fits_beside(version: Version, rule: Rule) -> bool:
    """Tell whether a version can be asked beside those that a rule has: by its figures, of which all ask one at least.

    What no row tells of is gathered of nobody: the least that all of them ask decides who is near.
    """
    asked = [each.needed & frozenset(rule.figures) for each in (*rule.versions, version)]
    return version.facts <= rule.known.keys() and bool(not rule.figures or frozenset.intersection(*asked))


def _untold(rule: Rule, figure: Figure, where: str) -> Iterator[Fault]:
    """Name datasets that there are not, or whose rows do not tell what is to be taken of whom."""
    column = _TAKEN_FROM.get(figure.take)
    for place, code in enumerate(figure.datasets):
        here = f"{where}/datasets/{place}"
        if code not in datasets():
            yield _fault(
                here, "there is no such dataset: see GET /datasets", "没有这个数据集，可由 GET /datasets 查看"
            )
            continue
        dataset = datasets()[code]
        if column and column not in {each.field for each in dataset.columns}:
            yield _fault(here, f"its rows have no {column}", f"该数据集没有 {column} 列")
        if (per := key_of(rule, dataset.subject)) != figure.per:
            yield _fault(
                here,
                f"of its rows this rule takes figures per {per}",
                f"本规则对该数据集只能按 {per} 取数（per）",
            )


def _numbers(version: Version) -> Iterator[Decimal]:
    bounds = [condition.bound for condition in each_condition((*version.if_, *version.unless))]
    for value in (*bounds, *version.thresholds.values()):
        yield from map(Decimal, filter(_is_number, _each(value)))


def _each(value: Any) -> Sequence[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    return value if isinstance(value, tuple) else [value]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _fault(where: str, english: str, chinese: str) -> Fault:
    return Fault(where, "rule_unsound", english, zh=chinese)
