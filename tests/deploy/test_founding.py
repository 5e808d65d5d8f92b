"""Founding an installation from the command line: what it prints serves, and what it is told stays."""

from __future__ import annotations

import json
from urllib.parse import quote, urlsplit

import pytest
from typer.testing import CliRunner

from deploy import founding
from deploy.cli import app
from shared.crypto.keyring import KeyRing

#: Of this test alone, so that the roles of other tests keep their passwords.
_TRIAL = "founding"
_URL = "FANGFAN_FOUNDING_DATABASE_URL"


def printed(*arguments: str, **environment: str) -> dict[str, str]:
    result = CliRunner().invoke(app, arguments, env=environment)
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


@pytest.mark.check
def test_a_rotated_ring_opens_what_was_written_before_and_finds_it() -> None:
    before = printed("keys")
    old = KeyRing.from_json(before["FANGFAN_KEY_RING"])
    after = printed("keys", "--rotate", **before)
    assert list(after) == ["FANGFAN_KEY_RING"]
    new = KeyRing.from_json(after["FANGFAN_KEY_RING"])
    sealed = old.encrypt("340621196501011235", "member.number")
    assert new.decrypt(sealed, "member.number") == "340621196501011235"
    assert new.blind_index("340621196501011235") == old.blind_index("340621196501011235")
    assert new.encrypt("x", "member.number")[:3] != sealed[:3]


@pytest.mark.check
def test_without_a_ring_none_is_rotated() -> None:
    result = CliRunner().invoke(app, ["keys", "--rotate"], env={"FANGFAN_KEY_RING": "secret"})
    assert (result.exit_code, "secret" in result.output) == (2, False)


def test_databases_are_made_once_and_a_known_role_keeps_its_password(
    postgres_admin_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(founding, "NAMES", [_TRIAL])
    made = printed("databases", postgres_admin_url)
    server = urlsplit(postgres_admin_url)
    assert made[_URL].endswith(f"@{server.hostname}:{server.port}/fangfan_founding")
    # One that somebody thought of, with signs that a URL must write otherwise.
    password = quote("p@ss:w/rd%", safe="")
    known = made | {_URL: made[_URL].replace(str(urlsplit(made[_URL]).password), password)}
    assert printed("databases", postgres_admin_url, **known) == known
