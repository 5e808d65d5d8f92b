"""Code lists: what a field may hold, with labels for people and the names that offices write.

Each list is a YAML file beside this one: an official can read it, and a province can add to it. Codes are
ours where no standard gives one; they never change once published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, Literal

import polars as pl
import yaml
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from shared.domain.written import plain, plain_column


@dataclass(frozen=True)
class Code:
    """One value of a list."""

    code: str
    zh: str
    en: str
    #: Other ways to write it, as found in offices' files.
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class CodeList:
    """A list of codes."""

    name: str
    zh: str
    en: str
    #: The standard or system that the values come from.
    source: str
    codes: tuple[Code, ...]

    def label(self, code: str, language: Literal["zh", "en"] = "zh") -> str:
        """Return a code's label; an unknown code is its own label."""
        found = self._by_code.get(code)
        return getattr(found, language) if found else code

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """The labels in Chinese, by code."""
        return {each.code: each.zh for each in self.codes}

    def code_of(self, written: str) -> str | None:
        """Return the code for a label, an alias or a code, or None; in small letters or capitals, and of any width."""
        return self.written.get(plain(written).lower())

    def code_column(self, written: pl.Expr) -> pl.Expr:
        """Return what ``code_of`` returns, for a column of text."""
        small = plain_column(written).str.to_lowercase()
        return small.replace_strict(dict(self.written), default=None, return_dtype=pl.String)

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    @cached_property
    def _by_code(self) -> Mapping[str, Code]:
        return {code.code: code for code in self.codes}

    @cached_property
    def written(self) -> Mapping[str, str]:
        """Every way to write a value, plain and small, to its code; a label wins over another value's alias."""
        aliases = {plain(alias).lower(): code.code for code in self.codes for alias in code.aliases}
        labels = {
            plain(label).lower(): code.code for code in self.codes for label in (code.en, code.zh, code.code)
        }
        return {**aliases, **labels}


@cache
def code_lists() -> Mapping[str, CodeList]:
    """Return all lists by name."""
    lists = (_read(file.name.removesuffix(".yaml"), file.read_text("utf-8")) for file in _files())
    return {each.name: each for each in lists}


@dataclass(frozen=True)
class Coded:
    """Lets a string only be a code of the named list: ``Annotated[str, Coded("risk_type")]``.

    The API's document names the list and its codes.
    """

    name: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check after the string itself was checked."""
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Name the list and its codes."""
        codes = [each.code for each in code_lists()[self.name].codes]
        return {**handler(schema), "enum": codes, "x-code-list": self.name}

    def _check(self, code: str) -> str:
        if code not in code_lists()[self.name]:
            raise PydanticCustomError("unknown_code", "not a code of the list {list}", {"list": self.name})
        return code


def _files() -> list[Any]:
    folder = files(__package__)
    return sorted(
        (file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name
    )


def _read(name: str, text: str) -> CodeList:
    raw = yaml.safe_load(text)
    codes = tuple(
        Code(code["code"], code["zh"], code["en"], tuple(code.get("aliases", ()))) for code in raw["codes"]
    )
    return CodeList(name, raw["zh"], raw["en"], raw["source"], codes)
