"""Settings from the environment: what all processes share, and what each service has of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, NonNegativeInt, PositiveInt, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.crypto.keyring import KeyRing
from shared.identity.internal import InternalVerifier
from shared.storage import check_url

#: What RabbitMQ 4 takes unless told otherwise; versions before it take eight times as much.
MAX_MESSAGE_BYTES = 16 * 1024**2

#: 0 lets the system choose, or says that there is none.
Port = Annotated[int, Field(ge=0, le=65535)]


def url_of(*schemes: str) -> AfterValidator:
    """Refuse a URL of another scheme, or of no host; it is not quoted, since it may hold a password."""

    def check(url: Any) -> Any:
        parts = urlsplit(url.get_secret_value() if isinstance(url, SecretStr) else url)
        if parts.scheme not in schemes or not (parts.netloc or parts.scheme == "memory"):
            raise ValueError(f"not a URL of the form {' or '.join(f'{scheme}://…' for scheme in schemes)}")
        return url

    return AfterValidator(check)


def read_by(reader: Callable[[str], object]) -> AfterValidator:
    """Refuse at the start what its reader will not take: a process that runs would only fail when first asked."""

    def check(value: Any) -> Any:
        try:
            reader(value.get_secret_value() if isinstance(value, SecretStr) else value)
        except TypeError as problem:
            # A key of another kind; of pydantic's own errors this is none.
            raise ValueError(str(problem)) from None
        return value

    return AfterValidator(check)


class CommonSettings(BaseSettings):
    """What every process of one installation must agree on (``FANGFAN_*``)."""

    # A complaint about one setting would quote the others, and with them keys and passwords.
    model_config = SettingsConfigDict(env_prefix="FANGFAN_", extra="ignore", hide_input_in_errors=True)

    #: ``amqp://…`` (RabbitMQ) or ``memory://`` (all services in one process).
    bus_url: Annotated[str, url_of("amqp", "amqps", "memory")]
    #: The key ring as JSON; see ``shared.crypto.keyring``. There is no default: a lost key is lost data.
    key_ring: Annotated[SecretStr, read_by(KeyRing.from_json)]
    #: Public Ed25519 key (PEM) with which the gateway's internal identity is verified.
    identity_public_key: Annotated[str, read_by(InternalVerifier)]
    #: Folder for files on their way, below which each service has one; shared by the processes of a service.
    spool_dir: Path
    #: Where attachments are kept: ``file:///folder`` or ``s3://bucket/prefix?endpoint=…``; see ``shared.storage``.
    storage_url: Annotated[str, read_by(check_url)]
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(str.upper)] = "INFO"
    #: OTLP/HTTP collector, such as ``http://collector:4318``; tracing is off without it.
    otlp_endpoint: Annotated[str, url_of("http", "https")] | None = None
    max_upload_bytes: PositiveInt = 2 * 1024**3
    max_attachment_bytes: PositiveInt = 20 * 1024**2
    max_body_bytes: PositiveInt = 1024**2
    #: Of a message on the bus: no more than the broker takes (RabbitMQ's ``max_message_size``).
    max_message_bytes: PositiveInt = MAX_MESSAGE_BYTES
    #: Seconds that a graceful stop waits for running requests and handlers.
    drain_seconds: NonNegativeInt = 20


class ServiceSettings(BaseSettings):
    """What one service has of its own (``FANGFAN_<SERVICE>_*``)."""

    model_config = SettingsConfigDict(extra="ignore", hide_input_in_errors=True)

    #: The application role: subject to row-level security, owns nothing.
    database_url: Annotated[SecretStr, url_of("postgresql+asyncpg")]
    #: The owner role, for migrations only; an api process need not have it.
    owner_url: Annotated[SecretStr, url_of("postgresql+asyncpg")] | None = None
    host: str = "127.0.0.1"
    port: Port = 0
    #: Where a worker in a process of its own shows its health and its figures; 0: nowhere.
    worker_port: Port = 0
    pool_size: PositiveInt = 20

    @classmethod
    def of(cls, service: str) -> Self:
        """Read the settings of the named service."""
        return cls(_env_prefix=f"FANGFAN_{service.upper()}_")
