"""``/oauth/token``, ``/.well-known/jwks.json`` and the clients."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from sqlmodel import select

from gateway.identity.commands import (
    authenticate,
    disable_client,
    inside_areas_of,
    name_departments,
    register_client,
)
from gateway.identity.errors import BadClient, ClientExists, NoDepartment, UnsupportedGrant
from gateway.identity.model import Client
from gateway.identity.schemas import AccessToken, ClientView, NewClient, NewDepartments, RegisteredClient
from gateway.identity.secrets import TooManyAttempts
from gateway.identity.tokens import Tokens
from gateway.routes import PREFIX
from shared.database import Page
from shared.refusal import NotFound
from shared.web import Paging, Reading, Router, Writing, refusals, requires
from shared.web.edge import OutsideArea

#: Whoever asks here is not known yet: nobody is read at length.
open_router = APIRouter(tags=["令牌 tokens"], max_body_size=16 * 1024)
router = Router(prefix=f"{PREFIX}/clients", tags=["接入方 clients"])
_basic = HTTPBasic(auto_error=False)


@open_router.post("/oauth/token", responses=refusals(BadClient, UnsupportedGrant, TooManyAttempts))
async def issue_token(
    request: Request,
    grant_type: Annotated[str, Form()],
    client_id: Annotated[str, Form()] = "",
    client_secret: Annotated[str, Form()] = "",
    basic: Annotated[HTTPBasicCredentials | None, Depends(_basic)] = None,
) -> AccessToken:
    """Exchange client credentials (form fields or HTTP Basic) for an access token (RFC 6749, 4.4)."""
    if grant_type != "client_credentials":
        raise UnsupportedGrant
    who, secret = (basic.username, basic.password) if basic else (client_id, client_secret)
    state, address = request.app.state, request.client.host if request.client else ""
    principal = await authenticate(state.runtime.database, state.attempts, who, secret, address=address)
    tokens: Tokens = state.tokens
    scope = " ".join(sorted(principal.scopes))
    return AccessToken(access_token=tokens.issue(principal), expires_in=tokens.seconds, scope=scope)


@open_router.get("/.well-known/jwks.json")
async def public_keys(request: Request) -> dict[str, list[dict[str, str]]]:
    """Return the keys with which access tokens can be verified (RFC 7517)."""
    tokens: Tokens = request.app.state.tokens
    return tokens.jwks


@router.post(
    "",
    status_code=201,
    dependencies=[requires("clients:write")],
    responses=refusals(ClientExists, OutsideArea),
    name="register",
)
async def register(db: Writing, new: NewClient) -> RegisteredClient:
    """Register a client; the answer holds its secret, once."""
    client, secret = await register_client(db, new)
    return RegisteredClient(**ClientView.of(client).model_dump(), client_secret=secret)


@router.get("", dependencies=[requires("clients:write")])
async def list_clients(db: Reading, page: Paging) -> Page[ClientView]:
    """List the clients whose areas are all the caller's own."""
    found = await db.page(
        select(Client).where(inside_areas_of(db.principal)), order=[Client.client_id], page=page
    )
    return found.each(ClientView.of)


@router.put(
    "/{client_id}/departments",
    dependencies=[requires("clients:write")],
    responses=refusals(NotFound, NoDepartment),
)
async def set_departments(db: Writing, client_id: str, named: NewDepartments) -> ClientView:
    """Say in whose name a department's system sends data; it holds from its next token on."""
    return ClientView.of(await name_departments(db, client_id, named.departments))


@router.post("/{client_id}/disabling", dependencies=[requires("clients:write")], responses=refusals(NotFound))
async def disable(db: Writing, client_id: str) -> ClientView:
    """Let a client in no more."""
    return ClientView.of(await disable_client(db, client_id))
