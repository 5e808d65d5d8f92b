"""The caller of a request, and what an endpoint asks of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request

from shared.identity.internal import Forbidden
from shared.identity.principal import Principal
from shared.identity.scopes import SCOPES


async def current_caller(request: Request) -> Principal:
    """Return the principal that the route has verified."""
    principal: Principal = request.state.principal
    return principal


Caller = Annotated[Principal, Depends(current_caller)]


@dataclass(frozen=True)
class ScopeNeeded:
    """The dependency behind ``requires``; the authorization matrix is read from it."""

    #: None: any caller that is known.
    scope: str | None

    async def __call__(self, caller: Caller) -> None:
        """Refuse a caller without the scope."""
        if self.scope is not None and not caller.may(self.scope):
            raise Forbidden(f"needs the scope {self.scope}", zh_detail=f"需要权限：{SCOPES[self.scope]}")


def requires(scope: str | None) -> Any:
    """Say who may call an endpoint: every endpoint does, ``None`` meaning any known caller."""
    if scope is not None and scope not in SCOPES:
        raise KeyError(scope)
    return Depends(ScopeNeeded(scope))
