"""The size budget: a file, a function, an endpoint and a reaction that can be read at a glance."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.source import ROOMS, Function, Module, Rule, complaints, modules, snippet

pytestmark = pytest.mark.check

FILE_LINES = 300
FUNCTION_LINES = 40
ENDPOINT_STATEMENTS = 10
REACTION_STATEMENTS = 5
APP_LINES = 30

#: What may be longer, and why. Whoever adds a line here says the reason; what fits again must leave.
ALLOWED = {
    "services/monitoring/migrations/2026_11_24_monitoring.py": "a first migration makes all tables of a service",
}
_METHODS = frozenset({"get", "post", "put", "patch", "delete"})


def long_file(module: Module) -> list[str]:
    lines = module.text.count("\n")
    return [f"{lines} lines, {FILE_LINES} are allowed"] if lines > FILE_LINES else []


def long_function(module: Module) -> list[str]:
    if "/migrations/" in module.path:
        # Each migration is one list of operations, in the order in which they must happen.
        return []
    return [
        f"{function.name} has {length} lines, {FUNCTION_LINES} are allowed"
        for function in module.functions()
        if (length := (function.end_lineno or 0) - function.lineno + 1) > FUNCTION_LINES
    ]


def long_endpoint(module: Module) -> list[str]:
    return _too_many(module, _METHODS, ENDPOINT_STATEMENTS, "endpoint")


def long_reaction(module: Module) -> list[str]:
    return _too_many(module, frozenset({"on"}), REACTION_STATEMENTS, "reaction")


def long_app(module: Module) -> list[str]:
    """Count the lines on which the wiring is done: imports, docstrings and blank lines are free."""
    if not (module.path.startswith("services/") and module.path.endswith("/app.py")):
        return []
    lines: set[int] = set()
    for node in module.tree.body:
        if not isinstance(node, ast.Import | ast.ImportFrom) and not _is_docstring(node):
            lines.update(range(node.lineno, (node.end_lineno or 0) + 1))
    return [f"{len(lines)} lines of wiring, {APP_LINES} are allowed"] if len(lines) > APP_LINES else []


def _too_many(module: Module, decorators: frozenset[str], allowed: int, kind: str) -> list[str]:
    return [
        f"the {kind} {function.name} has {count} statements, {allowed} are allowed"
        for function in module.functions()
        if _is_decorated(function, decorators) and (count := _statements(function)) > allowed
    ]


def _is_decorated(function: Function, names: frozenset[str]) -> bool:
    calls = (each for each in function.decorator_list if isinstance(each, ast.Call))
    return any(isinstance(call.func, ast.Attribute) and call.func.attr in names for call in calls)


def _statements(function: Function) -> int:
    inside = (node for body in function.body for node in ast.walk(body))
    return sum(isinstance(node, ast.stmt) and not _is_docstring(node) for node in inside)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


RULES: list[Rule] = [long_file, long_function, long_endpoint, long_reaction, long_app]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_its_size_budget(rule: Rule) -> None:
    found = complaints(rule, *ROOMS, "tests")
    assert [words for words in found if words.partition(":")[0] not in ALLOWED] == []


def test_no_allowance_outlives_its_need() -> None:
    too_long = {module.path for module in modules() if any(rule(module) for rule in RULES)}
    assert set(ALLOWED) <= too_long


@pytest.mark.parametrize(
    ("rule", "module"),
    [
        (long_file, snippet("x = 1\n" * (FILE_LINES + 1))),
        (long_function, snippet("def f():\n" + "    x = 1\n" * FUNCTION_LINES)),
        (long_endpoint, snippet("@router.post('')\nasync def f(): \n" + "    x = 1\n" * 11)),
        (long_endpoint, snippet("@router.get('')\nasync def f():\n    if a:\n" + "        x = 1\n" * 10)),
        (long_reaction, snippet("@REACTIONS.on(A, B)\nasync def f():\n    'Why.'\n" + "    x = 1\n" * 6)),
        (long_app, snippet("SERVICE = [\n" + "    1,\n" * 29 + "]\n", "services/household/app.py")),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_the_budget_catches_what_is_too_long(rule: Rule, module: Module) -> None:
    assert rule(module)
