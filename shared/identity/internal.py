"""The internal identity: what the gateway tells a service about the caller, signed and short-lived.

An Ed25519 JWT in the header ``Fangfan-Identity``. Only the gateway holds the private key, so a service that
is broken into can impersonate nobody. Verified tokens are remembered until they expire: a signature costs
more than a lookup.
"""

from __future__ import annotations

import time

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from jwt.types import Options

from shared.identity.principal import Principal
from shared.refusal import Refusal

HEADER = "fangfan-identity"
ISSUER = "fangfan-gateway"
LIFETIME_SECONDS = 120
#: Not when it was issued: a second ago by the gateway's clock may be in a second by ours.
CLAIMS_LOOKED_AT: Options = {"require": ["exp", "sub"], "verify_iat": False}
_REMEMBERED = 10_000


class Unauthenticated(Refusal):
    """Who calls is not known."""

    status = 401
    code = "unauthenticated"
    zh = "未通过身份验证"


class Forbidden(Refusal):
    """The caller may not do this."""

    status = 403
    code = "forbidden"
    zh = "没有权限进行此操作"


class InternalSigner:
    """The gateway's side."""

    def __init__(self, private_key_pem: str) -> None:
        key = load_pem_private_key(private_key_pem.encode(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise TypeError("the internal identity needs an Ed25519 key")
        self._key = key

    def sign(self, principal: Principal) -> str:
        """Return the header's value; good for ``LIFETIME_SECONDS``."""
        issued_at = int(time.time())
        claims = {
            "iss": ISSUER,
            "sub": principal.subject,
            "name": principal.name,
            "roles": principal.roles,
            "scopes": sorted(principal.scopes),
            "areas": principal.areas,
            "departments": principal.departments,
            "iat": issued_at,
            "exp": issued_at + LIFETIME_SECONDS,
        }
        return jwt.encode(claims, self._key, algorithm="EdDSA")


class InternalVerifier:
    """A service's side."""

    def __init__(self, public_key_pem: str) -> None:
        key = load_pem_public_key(public_key_pem.encode())
        if not isinstance(key, Ed25519PublicKey):
            raise TypeError("the internal identity needs an Ed25519 key")
        self._key = key
        self._verified: dict[str, tuple[int, Principal]] = {}

    def verify(self, token: str | None) -> Principal:
        """Return the caller, or refuse."""
        if token is None:
            raise Unauthenticated
        remembered = self._verified.get(token)
        if remembered and remembered[0] > time.time():
            return remembered[1]
        try:
            claims = jwt.decode(
                token, self._key, algorithms=["EdDSA"], issuer=ISSUER, options=CLAIMS_LOOKED_AT
            )
        except jwt.InvalidTokenError as error:
            raise Unauthenticated from error
        principal = Principal(
            subject=claims["sub"],
            name=claims["name"],
            scopes=frozenset(claims["scopes"]),
            areas=tuple(claims["areas"]),
            roles=tuple(claims["roles"]),
            # A gateway of the version before does not say so.
            departments=tuple(claims.get("departments", ())),
        )
        if len(self._verified) >= _REMEMBERED:
            self._verified.clear()
        self._verified[token] = (claims["exp"], principal)
        return principal
