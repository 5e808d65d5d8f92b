"""Shapes of tokens and clients."""

from __future__ import annotations

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, model_validator

from gateway.identity.model import Client
from shared.domain.codes import Coded
from shared.domain.division import DivisionCode

Role = Literal[
    "village_officer",
    "town_officer",
    "county_officer",
    "department",
    "supervisor",
    "provincial_system",
    "administrator",
]


class AccessToken(BaseModel):
    """RFC 6749, section 5.1."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a scheme, not a secret
    expires_in: int
    scope: str


#: Codes, each once.
Departments = Annotated[
    list[Annotated[str, Coded("department")]], AfterValidator(lambda codes: sorted(set(codes)))
]


class NewClient(BaseModel):
    """A client to register."""

    client_id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{2,63}$")]
    name: Annotated[str, Field(min_length=1, max_length=100)]
    roles: Annotated[list[Role], Field(min_length=1)]
    areas: Annotated[list[DivisionCode], Field(min_length=1)]
    #: In whose name it sends data: a department's system has at least one.
    departments: Departments = []

    @model_validator(mode="after")
    def _of_some(self) -> Self:
        if ("department" in self.roles) != bool(self.departments):
            raise ValueError("a department's system, and no other client, names its departments")
        return self


class NewDepartments(BaseModel):
    """In whose name a department's system sends data from now on."""

    departments: Annotated[Departments, Field(min_length=1)]


class ClientView(BaseModel):
    """A registered client."""

    id: UUID
    client_id: str
    name: str
    roles: list[str]
    areas: list[str]
    departments: list[str]
    disabled: bool

    @classmethod
    def of(cls, client: Client) -> ClientView:
        """Show a client."""
        return cls(
            id=client.id,
            client_id=client.client_id,
            name=client.name,
            roles=client.roles,
            areas=client.areas,
            departments=client.departments,
            disabled=client.disabled_at is not None,
        )


class RegisteredClient(ClientView):
    """A new client with its secret, which is shown this once."""

    client_secret: str
