"""What is wrong with a rule as it is written, in the words of whoever reads it: Chinese, and English beside."""

from __future__ import annotations

from typing import NamedTuple

from pydantic_core import PydanticCustomError


class Flaw(NamedTuple):
    """One thing that is wrong."""

    en: str
    zh: str

    def of(self, what: str) -> Flaw:
        """Return it as a flaw of something that has a name: a version of a rule."""
        return Flaw(f"{what}: {self.en}", f"{what}：{self.zh}")


def unsound(*flaws: Flaw) -> PydanticCustomError:
    """Return the error by which a document's own checks refuse it; it carries the words of both languages."""
    words = {"en": "; ".join(each.en for each in flaws), "zh": "；".join(each.zh for each in flaws)}
    return PydanticCustomError("rule_unsound", "{en}", words)
