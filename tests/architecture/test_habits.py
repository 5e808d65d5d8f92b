"""Habits that no ready-made linter knows: who commits, what crosses an endpoint, what a module is called."""

from __future__ import annotations

import ast
from functools import cache

import pytest

from tests.architecture.source import ROOMS, Function, Module, Rule, complaints, modules, snippet, tables_in

pytestmark = pytest.mark.check

_METHODS = frozenset({"get", "post", "put", "patch", "delete"})
#: Names that say nothing of the domain: whatever is in such a file belongs somewhere else.
_EMPTY_NAMES = frozenset(
    {"service", "services", "repository", "util", "utils", "common", "helper", "helpers"}
) | {
    "base",
    "misc",
    "manager",
}
#: Where real time is meant, whatever a rehearsal plays: the clock itself, and how long tokens and deliveries live.
_MAY_READ_TIME = ("shared/clock.py", "shared/identity/", "gateway/", "deploy/")
_TIME = frozenset({"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time"})
#: Transactions end here and nowhere else.
_MAY_COMMIT = "shared/database/"


def ends_a_transaction(module: Module) -> list[str]:
    if module.path.startswith(_MAY_COMMIT):
        return []
    return [
        f"line {node.lineno}: {node.func.attr}() is for {_MAY_COMMIT} alone"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"commit", "rollback"}
    ]


def shows_a_table(module: Module) -> list[str]:
    """Find rows at the border: an endpoint takes and gives schemas, so that no column is published by mistake."""
    tables = _tables(module.room) | tables_in(module)
    return [
        f"the endpoint {function.name} shows the table {name}"
        for function in module.functions()
        for name in sorted(_names_at_the_border(function) & tables)
    ]


def has_an_empty_name(module: Module) -> list[str]:
    # The folder "services" is the room of the four services; deeper down the word would say nothing.
    names = module.path.removesuffix(".py").split("/")[1:]
    return [f"'{name}' names no thing of the domain" for name in names if name in _EMPTY_NAMES]


def prints(module: Module) -> list[str]:
    if module.path.startswith("deploy/"):
        return []
    return [
        f"line {node.lineno}: print() instead of a log line"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]


def reads_the_wall_clock(module: Module) -> list[str]:
    if module.path.startswith(_MAY_READ_TIME):
        return []
    calls = (node for node in ast.walk(module.tree) if isinstance(node, ast.Call))
    return [
        f"line {call.lineno}: {name}() instead of db.now, db.today or shared.clock"
        for call in calls
        if (name := ".".join(ast.unparse(call.func).split(".")[-2:])) in _TIME
    ]


@cache
def _tables(room: str) -> frozenset[str]:
    return frozenset().union(*(tables_in(module) for module in modules(room)))


def _names_at_the_border(function: Function) -> frozenset[str]:
    calls = [each for each in function.decorator_list if isinstance(each, ast.Call)]
    routes = [c for c in calls if isinstance(c.func, ast.Attribute) and c.func.attr in _METHODS]
    if not routes:
        return frozenset()
    arguments = function.args.posonlyargs + function.args.args + function.args.kwonlyargs
    models = [
        keyword.value for call in routes for keyword in call.keywords if keyword.arg == "response_model"
    ]
    border = [*(argument.annotation for argument in arguments), function.returns, *models]
    inside = (node for each in border if each for node in ast.walk(each))
    return frozenset(node.id for node in inside if isinstance(node, ast.Name))


RULES: list[Rule] = [ends_a_transaction, shows_a_table, has_an_empty_name, prints, reads_the_wall_clock]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_its_habits(rule: Rule) -> None:
    assert complaints(rule, *ROOMS) == []


_TABLE_SHOWN = """
class Household(Row, table=True): ...

@router.get("")
async def get_household(db: Reading) -> {}: ...
"""


@pytest.mark.parametrize(
    ("rule", "module"),
    [
        (ends_a_transaction, snippet("async def f(db):\n    await db.commit()\n")),
        (ends_a_transaction, snippet("async def f(db):\n    await db.session.rollback()\n")),
        (shows_a_table, snippet(_TABLE_SHOWN.format("Household"))),
        (shows_a_table, snippet(_TABLE_SHOWN.format("Page[Household]"))),
        (has_an_empty_name, snippet("", "services/household/service.py")),
        (has_an_empty_name, snippet("", "shared/utils/dates.py")),
        (prints, snippet("print('here')\n")),
        (reads_the_wall_clock, snippet("now = datetime.datetime.now(UTC)\n")),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_the_rules_catch_bad_habits(rule: Rule, module: Module) -> None:
    assert rule(module)
