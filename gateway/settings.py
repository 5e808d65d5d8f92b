"""What the gateway has of its own (``FANGFAN_GATEWAY_*``)."""

from __future__ import annotations

from typing import Self

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class GatewaySettings(BaseSettings):
    """Keys, and where the services are."""

    # A complaint about one setting would quote the others, and with them keys.
    model_config = SettingsConfigDict(
        env_prefix="FANGFAN_GATEWAY_", extra="ignore", hide_input_in_errors=True
    )

    #: Ed25519 private key (PEM) of the internal identity.
    identity_private_key: SecretStr
    #: Ed25519 private keys (PEM) of access tokens: the first signs, the others still verify (rotation with
    #: overlap).
    token_keys: list[SecretStr]
    #: Service name to base URL, such as ``{"household": "http://household:8000"}``.
    services: dict[str, str]
    #: How the outside reaches this gateway: the issuer of its tokens.
    public_url: str = "http://127.0.0.1:8000"
    token_seconds: int = 900
    #: Let webhooks go to private addresses: only where all subscribers are inside the same network.
    allow_private_webhooks: bool = False
    #: Requests a second that one client may make on average, and at once.
    rate_per_second: float = 200
    rate_burst: int = 400

    #: The same for people without a token, by address.
    public_rate_per_second: float = 0.1
    public_rate_burst: int = 10

    @classmethod
    def read(cls) -> Self:
        """Read from the environment."""
        return cls()
