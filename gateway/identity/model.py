"""Clients: a department's system, a front end, the provincial platform."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, DateTime, String
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from gateway.tables import Row
from shared.database import Identified, Recorded
from shared.identity.principal import Principal
from shared.identity.scopes import scopes_of


class Client(Row, Identified, Recorded, table=True):
    """Somebody registered to call the public API with client credentials (RFC 6749, section 4.4)."""

    client_id: str = Field(unique=True)
    #: As shown in histories and logs.
    name: str
    #: Argon2id. The secret itself is shown once, when it is made.
    secret_hash: str
    roles: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    areas: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    #: In whose name it sends data: codes of the list ``department``.
    departments: list[str] = Field(default=[], sa_column=Column(ARRAY(String), nullable=False))
    disabled_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))

    def principal(self) -> Principal:
        """Return the client as the services will see it."""
        roles = tuple(self.roles)
        return Principal(
            self.client_id,
            self.name,
            scopes_of(roles),
            tuple(self.areas),
            roles,
            tuple(self.departments),
        )
