"""Alembic's entry: one environment for all services; ``shared.database.migrating`` hands in which."""

from __future__ import annotations

from typing import Any

from alembic import context
from sqlalchemy import TypeDecorator
from sqlmodel.sql.sqltypes import AutoString

configuration = context.config


def as_plain_type(kind: str, item: Any, _autogen: Any) -> str | bool:
    """Write what the database sees: a migration must run when the types of today's code are gone."""
    if kind != "type":
        return False
    if isinstance(item, AutoString):
        return f"sa.String({item.length or ''})"
    return f"sa.{item.impl!r}" if isinstance(item, TypeDecorator) else False


context.configure(
    connection=configuration.attributes["connection"],
    target_metadata=configuration.attributes["metadata"],
    version_table="migration",
    include_name=configuration.attributes["include_name"],
    render_item=as_plain_type,
    compare_type=True,
    compare_server_default=False,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
