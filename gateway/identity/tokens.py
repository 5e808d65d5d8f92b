"""Access tokens: Ed25519 JWTs that anybody can verify with ``/.well-known/jwks.json``."""

from __future__ import annotations

import base64
import hashlib
import math
import time
from dataclasses import dataclass

import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from shared.identity.internal import CLAIMS_LOOKED_AT, LIFETIME_SECONDS, InternalSigner, Unauthenticated
from shared.identity.principal import Principal, public

_REMEMBERED = 20_000
#: An internal identity is renewed when less than this is left of it, so that no request outlives it on its
#: way.
_MARGIN_SECONDS = 30


@dataclass(frozen=True, slots=True)
class TokenKey:
    """A key pair; ``kid`` is its RFC 7638 thumbprint."""

    kid: str
    private: Ed25519PrivateKey
    public_jwk: dict[str, str]

    @classmethod
    def from_pem(cls, pem: str) -> TokenKey:
        """Read a private key."""
        private = load_pem_private_key(pem.encode(), password=None)
        if not isinstance(private, Ed25519PrivateKey):
            raise TypeError("access tokens need an Ed25519 key")
        raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        essence = {"crv": "Ed25519", "kty": "OKP", "x": _base64url(raw)}
        kid = _base64url(hashlib.sha256(orjson.dumps(essence)).digest())
        return cls(kid, private, {**essence, "kid": kid, "use": "sig", "alg": "EdDSA"})


@dataclass(slots=True)
class Admitted:
    """A verified token: who it is, until when, and the internal identity made from it."""

    principal: Principal
    expires_at: float
    internal: bytes = b""
    internal_until: float = 0.0


class Tokens:
    """Issues and verifies access tokens; turns them into internal identities."""

    def __init__(self, keys: list[TokenKey], *, issuer: str, seconds: int, signer: InternalSigner) -> None:
        self._keys = {key.kid: key for key in keys}
        self._active = keys[0]
        self._issuer = issuer
        self.seconds = seconds
        self._signer = signer
        self._admitted: dict[str, Admitted] = {}
        self._public = Admitted(public(), math.inf)

    @property
    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The public keys (RFC 7517)."""
        return {"keys": [key.public_jwk for key in self._keys.values()]}

    def issue(self, principal: Principal) -> str:
        """Return a token for the principal."""
        issued_at = int(time.time())
        claims = {
            "iss": self._issuer,
            "aud": self._issuer,
            "sub": principal.subject,
            "name": principal.name,
            "roles": principal.roles,
            "scope": " ".join(sorted(principal.scopes)),
            "areas": principal.areas,
            "departments": principal.departments,
            "iat": issued_at,
            "exp": issued_at + self.seconds,
        }
        return jwt.encode(claims, self._active.private, algorithm="EdDSA", headers={"kid": self._active.kid})

    def public(self) -> Admitted:
        """Return the identity of whoever has no token."""
        return self._with_internal(self._public, time.time())

    def admit(self, token: str) -> Admitted:
        """Return what a token stands for, or refuse; a token seen before costs a lookup."""
        now = time.time()
        admitted = self._admitted.get(token)
        if admitted is None or admitted.expires_at <= now:
            admitted = self._verify(token)
            if len(self._admitted) >= _REMEMBERED:
                self._admitted.clear()
            self._admitted[token] = admitted
        return self._with_internal(admitted, now)

    def _with_internal(self, admitted: Admitted, now: float) -> Admitted:
        if admitted.internal_until < now + _MARGIN_SECONDS:
            admitted.internal = self._signer.sign(admitted.principal).encode()
            admitted.internal_until = now + LIFETIME_SECONDS
        return admitted

    def _verify(self, token: str) -> Admitted:
        try:
            kid = jwt.get_unverified_header(token).get("kid", "")
            claims = jwt.decode(
                token,
                self._keys[kid].private.public_key(),
                algorithms=["EdDSA"],
                issuer=self._issuer,
                audience=self._issuer,
                options=CLAIMS_LOOKED_AT,
            )
        except (jwt.InvalidTokenError, KeyError) as error:
            raise Unauthenticated from error
        principal = Principal(
            subject=claims["sub"],
            name=claims["name"],
            scopes=frozenset(claims["scope"].split()),
            areas=tuple(claims["areas"]),
            roles=tuple(claims["roles"]),
            # A token of the version before lives on for minutes without it.
            departments=tuple(claims.get("departments", ())),
        )
        return Admitted(principal, claims["exp"])


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
