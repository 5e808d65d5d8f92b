"""The house's own source, read once, for the rules that no ready-made linter knows."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("shared", "services", "gateway", "deploy")
_NOT_OURS = frozenset({".git", ".venv", ".fangfan", "__pycache__", "out", "build"})

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One Python file."""

    #: Relative to the root, such as ``services/household/app.py``.
    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        return _parsed(self.text)

    @property
    def room(self) -> str:
        """What owns the module: ``services/household``, ``shared``, ``gateway``, ``deploy``."""
        parts = self.path.split("/")
        return "/".join(parts[:2]) if parts[0] == "services" else parts[0]

    def functions(self) -> Iterator[Function]:
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))


Rule = Callable[[Module], list[str]]


@cache
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


@cache
def modules(*rooms: str) -> tuple[Module, ...]:
    """Return the modules of these rooms, or of all that the product consists of."""
    paths = [path for room in rooms or ROOMS for path in files(room) if path.suffix == ".py"]
    return tuple(Module(path.relative_to(ROOT).as_posix(), path.read_text("utf-8")) for path in paths)


def files(folder: str = "") -> list[Path]:
    """Return every file that may be committed, in order; caches, data and the environment are passed over."""
    found = []
    for parent, folders, names in os.walk(ROOT / folder):
        folders[:] = sorted(name for name in folders if name not in _NOT_OURS and not _is_made(name))
        # In a worktree of git's, .git is a file that names another folder.
        found += [Path(parent, name) for name in sorted(names) if name not in _NOT_OURS]
    return found


def _is_made(folder: str) -> bool:
    return folder.endswith(("_cache", ".egg-info")) or folder == ".hypothesis"


def complaints(rule: Rule, *rooms: str) -> list[str]:
    """Return what a rule finds, each with its place."""
    return [f"{module.path}: {words}" for module in modules(*rooms) for words in rule(module)]


def tables_in(module: Module) -> frozenset[str]:
    """Return the classes that are database tables."""
    return frozenset(
        node.name
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef) and any(keyword.arg == "table" for keyword in node.keywords)
    )


def snippet(text: str, path: str = "services/household/households/api.py") -> Module:
    """Return a made-up module, with which a rule shows that it still catches something."""
    return Module(path, text)
