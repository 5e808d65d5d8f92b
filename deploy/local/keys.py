"""Keys of a new installation: made once, kept beside the data that they open."""

from __future__ import annotations

import json

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from shared.crypto.keyring import KeyRing


def new_keys() -> dict[str, str]:
    """Return fresh keys as environment variables: the key ring, the internal identity, the tokens."""
    identity, token = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    public = identity.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return {
        "FANGFAN_KEY_RING": KeyRing.generate().to_json(),
        "FANGFAN_IDENTITY_PUBLIC_KEY": public.decode(),
        "FANGFAN_GATEWAY_IDENTITY_PRIVATE_KEY": _pem(identity),
        "FANGFAN_GATEWAY_TOKEN_KEYS": json.dumps([_pem(token)]),
    }


def _pem(key: Ed25519PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
