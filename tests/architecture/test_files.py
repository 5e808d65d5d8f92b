"""What stands in which file: known before the tree is opened, and knowing only what is below it."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator

import pytest

from tests.architecture.source import ROOT, Module, Rule, complaints, modules, snippet

pytestmark = pytest.mark.check

#: How far up a feature's files stand. Those of one height may know each other; nobody looks up.
_HEIGHTS = {
    "errors": 0,
    "model": 1,
    "rules": 1,
    "schemas": 1,
    "queries": 2,
    "commands": 3,
    "intake": 3,
    "api": 4,
}
#: Decisions and the words that they are made of need no database, no network and no event loop to be tested.
_PURE = frozenset({"errors", "model", "rules", "schemas"})
_EFFECTS = ("asyncio", "aiohttp", "httpx", "shared.database.engine", "shared.messaging", "shared.web.routing")
_DATA = ("sqlalchemy", "sqlmodel", "shared.database")
_ROUTERS = frozenset({"Router", "APIRouter"})


def looks_up(module: Module) -> list[str]:
    height = _HEIGHTS.get(_kind(module), 9)
    return [
        f"looks up at {name}"
        for name in _imports(module)
        if name.startswith(("services.", "gateway.")) and _HEIGHTS.get(name.rpartition(".")[2], 0) > height
    ]


def has_effects(module: Module) -> list[str]:
    kind = _kind(module)
    if kind not in _PURE or not module.path.startswith("services/"):
        return []
    forbidden = (*_EFFECTS, *_DATA) if kind == "rules" else _EFFECTS
    return [
        *(f"imports {name}" for name in _imports(module) if _is_below(name, forbidden)),
        *(f"{each.name} is async" for each in module.functions() if isinstance(each, ast.AsyncFunctionDef)),
    ]


def knows_more_than_pydantic(module: Module) -> list[str]:
    """Look at contracts: whoever reads them, in whatever program, needs pydantic and nothing else."""
    if not module.path.startswith("shared/contracts/"):
        return []
    known = (*sys.stdlib_module_names, "pydantic", "shared.contracts")
    return [f"imports {name}" for name in _imports(module) if not _is_below(name, known)]


def routes_elsewhere(module: Module) -> list[str]:
    if not module.path.startswith("services/") or re.search(r"(^|_)api$", _kind(module)):
        return []
    calls = (node for node in ast.walk(module.tree) if isinstance(node, ast.Call))
    named = (call for call in calls if isinstance(call.func, ast.Name) and call.func.id in _ROUTERS)
    return [f"line {call.lineno}: endpoints stand in api.py" for call in named]


def unexplained_ignores(pyproject: str) -> list[str]:
    """Return the ruff rules that are switched off without a reason beside them."""
    ruff = pyproject[pyproject.index("[tool.ruff.lint]") : pyproject.index("[tool.ruff.lint.pycodestyle]")]
    return [line.strip() for line in ruff.splitlines() if re.match(r'\s+"[A-Z]+\d*",\s*(#\s*)?$', line)]


def _kind(module: Module) -> str:
    return module.path.removesuffix(".py").rpartition("/")[2]


def _imports(module: Module) -> Iterator[str]:
    """Yield what a module imports; ``from a.b import c`` is ``a.b``, or ``a.b.c`` where ``c`` is one of ours."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            submodules = [alias.name for alias in node.names if alias.name in _HEIGHTS]
            yield from (f"{node.module}.{name}" for name in submodules)
            if len(submodules) < len(node.names):
                yield node.module


def _is_below(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


RULES: list[Rule] = [looks_up, has_effects, knows_more_than_pydantic, routes_elsewhere]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_file_holds_what_its_name_says(rule: Rule) -> None:
    assert complaints(rule) == []


def test_every_package_says_what_it_is() -> None:
    packages = [module for module in modules() if module.path.endswith("/__init__.py")]
    silent = [module.path for module in packages if not ast.get_docstring(module.tree)]
    assert silent == []


def test_every_rule_of_ruff_is_ignored_for_a_reason() -> None:
    assert unexplained_ignores((ROOT / "pyproject.toml").read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("rule", "module"),
    [
        (looks_up, snippet("from services.household.households import api", "services/a/b/commands.py")),
        (looks_up, snippet("from services.a.b.queries import find", "services/a/b/model.py")),
        (has_effects, snippet("import asyncio", "services/a/b/model.py")),
        (has_effects, snippet("from shared.database import Reader", "services/a/b/rules.py")),
        (has_effects, snippet("async def decide(): ...", "services/a/b/rules.py")),
        (knows_more_than_pydantic, snippet("from shared.database import Row", "shared/contracts/x.py")),
        (knows_more_than_pydantic, snippet("import orjson", "shared/contracts/x.py")),
        (routes_elsewhere, snippet("router = Router(prefix='/x')", "services/a/b/queries.py")),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_the_rules_catch_what_stands_in_the_wrong_file(rule: Rule, module: Module) -> None:
    assert rule(module)


def test_an_ignore_without_a_reason_is_noticed() -> None:
    ruff = '[tool.ruff.lint]\nignore = [\n    "D105",\n    "D107", # why\n]\n[tool.ruff.lint.pycodestyle]\n'
    assert unexplained_ignores(ruff) == ['"D105",']
