"""``/codes``: front ends hard-code nothing."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from pydantic import BaseModel

from shared.domain.codes import CodeList, code_lists
from shared.refusal import NotFound
from shared.web import Router, refusals, requires

router = Router(prefix="/codes", tags=["代码表 codes"])


class CodeView(BaseModel):
    """One value of a list."""

    code: str
    zh: str
    en: str


class CodeListView(BaseModel):
    """A list of codes with its source."""

    name: str
    zh: str
    en: str
    source: str
    codes: list[CodeView]

    @classmethod
    def of(cls, codes: CodeList) -> CodeListView:
        """Show a list."""
        return cls(
            name=codes.name,
            zh=codes.zh,
            en=codes.en,
            source=codes.source,
            codes=[CodeView(code=each.code, zh=each.zh, en=each.en) for each in codes.codes],
        )


@router.get("", dependencies=[requires(None)])
async def all_lists() -> list[CodeListView]:
    """Return every code list with its labels."""
    return [CodeListView.of(codes) for codes in code_lists().values()]


@router.get("/{name}", dependencies=[requires(None)], responses=refusals(NotFound))
async def one_list(
    name: Annotated[str, Path(description="代码表名称。Of the list: `x-code-list` of a schema.")],
) -> CodeListView:
    """Return one code list."""
    if name not in code_lists():
        raise NotFound
    return CodeListView.of(code_lists()[name])
