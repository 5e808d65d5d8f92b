"""The national suite against the published test vectors of its parts."""

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from shared.crypto.national import National, Sm3Index

pytestmark = pytest.mark.check


def test_sm3_gives_the_digest_of_the_standard() -> None:
    digest = hashes.Hash(hashes.SM3())
    digest.update(b"abc")
    assert digest.finalize().hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_sm4_gives_the_block_of_the_standard() -> None:
    block = bytes.fromhex("0123456789abcdeffedcba9876543210")
    encryptor = Cipher(algorithms.SM4(block), modes.ECB()).encryptor()  # noqa: S305 - the standard's example
    assert encryptor.update(block).hex() == "681edf34d206965e86b3e94f536e4246"


@pytest.mark.parametrize("count", [1, 7, 8, 30])
def test_the_stream_is_that_of_plain_counter_mode(count: int) -> None:
    key = bytes(range(48))
    texts = [bytes([size]) * size * 7 for size in range(count)]
    for text, sealed in zip(texts, National(key).seal(texts, b"member.phone"), strict=True):
        nonce, body = sealed[:12], sealed[12:-16]
        plain = Cipher(algorithms.SM4(key[:16]), modes.CTR(nonce + bytes(4))).decryptor().update(body)
        assert plain == text


def test_the_tag_binds_context_and_ciphertext_where_one_ends_and_the_other_begins() -> None:
    cipher = National(bytes(range(48)))
    assert cipher._tags([b"bc"], b"a") != cipher._tags([b"c"], b"ab")


def test_a_digest_has_32_bytes() -> None:
    assert [len(digest) for digest in Sm3Index(bytes(32)).digest(b"phone", [b"", b"1"])] == [32, 32]
