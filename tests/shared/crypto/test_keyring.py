import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given, strategies as st

from shared.crypto.keyring import BadKeyRingError, KeyRing, UnknownKeyError

pytestmark = pytest.mark.check

SUITES = ("international", "national")
RINGS = {suite: KeyRing.generate(suite) for suite in SUITES}
NUMBER = "34062119850712028X"
WHERE = "member.identity_number"

each_suite = pytest.mark.parametrize("suite", SUITES)
columns = st.lists(st.none() | st.text(max_size=80), max_size=24)


@each_suite
@given(columns)
def test_a_column_opens_to_what_was_sealed_together_or_one_by_one(
    suite: str, texts: list[str | None]
) -> None:
    ring = RINGS[suite]
    sealed = ring.encrypt_many(texts, WHERE)
    assert [each is None for each in sealed] == [text is None for text in texts]
    assert ring.decrypt_many(sealed, WHERE) == texts
    assert [None if each is None else ring.decrypt(each, WHERE) for each in sealed] == texts
    alone = [None if text is None else ring.encrypt(text, WHERE) for text in texts]
    assert ring.decrypt_many(alone, WHERE) == texts


@each_suite
def test_two_values_of_one_text_differ_and_hold_none_of_it(suite: str) -> None:
    ring = RINGS[suite]
    values = [*ring.encrypt_many([NUMBER] * 20, WHERE), ring.encrypt(NUMBER, WHERE)]
    assert len(set(values)) == len(values)
    assert all(value is not None and NUMBER.encode() not in value for value in values)


@each_suite
def test_a_value_moved_to_another_column_does_not_open(suite: str) -> None:
    with pytest.raises(InvalidTag):
        RINGS[suite].decrypt(RINGS[suite].encrypt(NUMBER, WHERE), "member.phone")


@each_suite
@given(position=st.integers(3, 3 + 12 + 18 + 16 - 1), bit=st.integers(0, 7))
def test_a_changed_bit_anywhere_is_noticed(suite: str, position: int, bit: int) -> None:
    value = bytearray(RINGS[suite].encrypt(NUMBER, WHERE))
    value[position] ^= 1 << bit
    with pytest.raises(InvalidTag):
        RINGS[suite].decrypt(bytes(value), WHERE)


@each_suite
@pytest.mark.parametrize("kept", [0, 2, 3, 14, 20, 30])
def test_a_value_cut_short_is_noticed(suite: str, kept: int) -> None:
    with pytest.raises(InvalidTag):
        RINGS[suite].decrypt(RINGS[suite].encrypt(NUMBER, WHERE)[:kept], WHERE)


@pytest.mark.parametrize(
    ("first", "then", "expected"),
    [
        pytest.param("international", None, 1, id="rotation keeps the international suite"),
        pytest.param("national", None, 2, id="rotation keeps the national suite"),
        pytest.param("international", "national", 2, id="rotation may change the suite"),
    ],
)
def test_after_rotation_old_values_open_and_new_ones_take_the_new_key(
    first: str, then: str | None, expected: int
) -> None:
    old = KeyRing.generate(first)
    new = old.rotated(then)
    before, after = old.encrypt(NUMBER, WHERE), new.encrypt(NUMBER, WHERE)
    assert new.decrypt_many([before, None, after], WHERE) == [NUMBER, None, NUMBER]
    assert after[:3] == bytes([expected, 0, 2])
    with pytest.raises(UnknownKeyError):
        old.decrypt(after, WHERE)
    assert new.blind_index(NUMBER) == old.blind_index(NUMBER)


def test_rings_are_read_as_they_were_written() -> None:
    ring = KeyRing.generate().rotated("national")
    again = KeyRing.from_json(ring.to_json())
    assert again.decrypt(ring.encrypt(NUMBER, WHERE), WHERE) == NUMBER
    assert again.blind_index(NUMBER) == ring.blind_index(NUMBER)


def test_two_rings_share_nothing() -> None:
    one, other = KeyRing.generate(), KeyRing.generate()
    assert one.blind_index(NUMBER) != other.blind_index(NUMBER)
    with pytest.raises(InvalidTag):
        other.decrypt(one.encrypt(NUMBER, WHERE), WHERE)


@pytest.mark.parametrize(("suite", "digest"), [("international", "sha256"), ("national", "sm3")])
@given(texts=st.lists(st.text(max_size=100), max_size=5))
def test_the_blind_index_is_hmac_of_kind_and_text(suite: str, digest: str, texts: list[str]) -> None:
    ring = RINGS[suite]
    key = base64.b64decode(json.loads(ring.to_json())["index"]["key"])
    expected = [hmac_of(digest, key, f"phone:{text}".encode()) for text in texts]
    assert ring.blind_index_many(texts, "phone") == expected
    assert [ring.blind_index(text, "phone") for text in texts] == expected


def hmac_of(digest: str, key: bytes, message: bytes) -> bytes:
    if digest in hashlib.algorithms_available:
        return hmac.new(key, message, digest).digest()
    pytest.skip(f"this Python was built without {digest}")


@each_suite
def test_kinds_of_values_have_indexes_of_their_own(suite: str) -> None:
    ring = RINGS[suite]
    assert ring.blind_index("13800138000", "phone") != ring.blind_index("13800138000", "bank_card")


def ring_with(**changes: Any) -> str:
    ring = json.loads(RINGS["international"].to_json())
    return json.dumps({**ring, **changes})


def key(suite: str, size: int) -> dict[str, str]:
    return {"suite": suite, "key": base64.b64encode(b"\x5a" * size).decode()}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("[]", id="a list"),
        pytest.param('{"active": 1}', id="no keys"),
        pytest.param(ring_with(active=2), id="an active key that is not there"),
        pytest.param(ring_with(keys={"1": key("international", 16)}), id="a key that would make AES-128"),
        pytest.param(
            ring_with(keys={"1": key("national", 16)}), id="a national key without its half for the tag"
        ),
        pytest.param(ring_with(keys={"1": key("rot13", 32)}), id="an unknown suite"),
        pytest.param(ring_with(keys={"1": {"suite": "international", "key": "not base64!"}}), id="no base64"),
        pytest.param(
            ring_with(keys={"70000": key("international", 32)}, active=70000), id="an id beyond two bytes"
        ),
        pytest.param(ring_with(index=key("international", 8)), id="a short index key"),
    ],
)
def test_a_ring_that_would_be_weak_or_broken_is_refused_without_showing_keys(text: str) -> None:
    with pytest.raises(BadKeyRingError) as refused:
        KeyRing.from_json(text)
    assert "Wlpa" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_ring_shows_no_key_when_printed() -> None:
    ring = RINGS["international"]
    secret = json.loads(ring.to_json())["keys"]["1"]["key"]
    assert secret not in repr(ring) + repr(vars(ring))
