"""What the gateway has of its own (``FANGFAN_GATEWAY_*``)."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, Field, PositiveFloat, PositiveInt, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from gateway.identity.tokens import TokenKey
from gateway.routes import ROUTES
from shared.identity.internal import InternalSigner
from shared.settings import read_by, url_of


def _all_services(services: dict[str, str]) -> dict[str, str]:
    """Refuse a list that lacks a service: whoever asked for one of its paths would be told of our mistake."""
    if missing := sorted(set(ROUTES.values()) - services.keys()):
        raise ValueError(f"no URL of {', '.join(missing)}")
    # Paths are put behind it, and begin with a slash themselves.
    return {name: url.rstrip("/") for name, url in services.items()}


class GatewaySettings(BaseSettings):
    """Keys, and where the services are."""

    # A complaint about one setting would quote the others, and with them keys.
    model_config = SettingsConfigDict(
        env_prefix="FANGFAN_GATEWAY_", extra="ignore", hide_input_in_errors=True
    )

    #: Ed25519 private key (PEM) of the internal identity.
    identity_private_key: Annotated[SecretStr, read_by(InternalSigner)]
    #: Ed25519 private keys (PEM) of access tokens: the first signs, the others still verify (rotation with
    #: overlap).
    token_keys: Annotated[list[Annotated[SecretStr, read_by(TokenKey.from_pem)]], Field(min_length=1)]
    #: Service name to base URL, such as ``{"household": "http://household:8000"}``.
    services: Annotated[dict[str, Annotated[str, url_of("http", "https")]], AfterValidator(_all_services)]
    #: How the outside reaches this gateway: the issuer of its tokens.
    public_url: Annotated[str, url_of("http", "https")] = "http://127.0.0.1:8000"
    token_seconds: PositiveInt = 900
    #: Let webhooks go to private addresses: only where all subscribers are inside the same network.
    allow_private_webhooks: bool = False
    #: Requests a second that one client may make on average, and at once.
    rate_per_second: PositiveFloat = 200
    rate_burst: PositiveInt = 400

    #: The same for people without a token, by address.
    public_rate_per_second: PositiveFloat = 0.1
    public_rate_burst: PositiveInt = 10

    @classmethod
    def read(cls) -> Self:
        """Read from the environment."""
        return cls()
