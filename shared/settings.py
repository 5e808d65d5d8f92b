"""Settings from the environment: what all processes share, and what each service has of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

#: What RabbitMQ 4 takes unless told otherwise; versions before it take eight times as much.
MAX_MESSAGE_BYTES = 16 * 1024**2


class CommonSettings(BaseSettings):
    """What every process of one installation must agree on (``FANGFAN_*``)."""

    # A complaint about one setting would quote the others, and with them keys and passwords.
    model_config = SettingsConfigDict(env_prefix="FANGFAN_", extra="ignore", hide_input_in_errors=True)

    #: ``amqp://…`` (RabbitMQ) or ``memory://`` (all services in one process).
    bus_url: str
    #: The key ring as JSON; see ``shared.crypto.keyring``. There is no default: a lost key is lost data.
    key_ring: SecretStr
    #: Public Ed25519 key (PEM) with which the gateway's internal identity is verified.
    identity_public_key: str
    #: Folder for files on their way, below which each service has one; shared by the processes of a service.
    spool_dir: Path
    #: Where attachments are kept: ``file:///folder`` or ``s3://bucket/prefix?endpoint=…``; see ``shared.storage``.
    storage_url: str
    log_level: str = "INFO"
    #: OTLP/HTTP collector, such as ``http://collector:4318``; tracing is off without it.
    otlp_endpoint: str | None = None
    max_upload_bytes: int = 2 * 1024**3
    max_attachment_bytes: int = 20 * 1024**2
    max_body_bytes: int = 1024**2
    #: Of a message on the bus: no more than the broker takes (RabbitMQ's ``max_message_size``).
    max_message_bytes: int = MAX_MESSAGE_BYTES
    #: Seconds that a graceful stop waits for running requests and handlers.
    drain_seconds: int = 20


class ServiceSettings(BaseSettings):
    """What one service has of its own (``FANGFAN_<SERVICE>_*``)."""

    model_config = SettingsConfigDict(extra="ignore", hide_input_in_errors=True)

    #: The application role: subject to row-level security, owns nothing.
    database_url: SecretStr
    #: The owner role, for migrations only; an api process need not have it.
    owner_url: SecretStr | None = None
    host: str = "127.0.0.1"
    port: int = 0
    #: Where a worker in a process of its own shows its health and its figures; 0: nowhere.
    worker_port: int = 0
    pool_size: int = 20

    @classmethod
    def of(cls, service: str) -> Self:
        """Read the settings of the named service."""
        return cls(_env_prefix=f"FANGFAN_{service.upper()}_")
