"""Settings: what is missing is told, and nothing of what is there."""

from __future__ import annotations

import json
import os
from collections.abc import Callable

import pytest
from pydantic import ValidationError
from pydantic_settings import BaseSettings

from deploy.local.keys import new_keys
from gateway.settings import GatewaySettings
from shared.settings import CommonSettings, ServiceSettings

#: What is given, one setting too few; the last of them would stand whole at the end of a complaint.
_GIVEN = {
    "FANGFAN_BUS_URL": "amqp://fangfan:secret-1@bus/",
    "FANGFAN_KEY_RING": '{"index": "secret-2"}',
    "FANGFAN_HOUSEHOLD_OWNER_URL": "postgresql://owner:secret-3@db/x",
    "FANGFAN_GATEWAY_IDENTITY_PRIVATE_KEY": "secret-4",
}


@pytest.mark.check
@pytest.mark.parametrize(
    ("read", "missing"),
    [
        (CommonSettings, "spool_dir"),
        (lambda: ServiceSettings.of("household"), "database_url"),
        (GatewaySettings.read, "services"),
    ],
    ids=["common", "service", "gateway"],
)
def test_a_missing_setting_is_named_and_no_other_is_quoted(
    read: Callable[[], BaseSettings], missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in _GIVEN.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError) as told:
        read()
    assert missing in str(told.value)
    assert "secret" not in str(told.value)


_SOUND = new_keys() | {
    "FANGFAN_BUS_URL": "amqp://fangfan:secret@bus/",
    "FANGFAN_SPOOL_DIR": "/var/spool/fangfan",
    "FANGFAN_STORAGE_URL": "file:///var/lib/fangfan",
    "FANGFAN_HOUSEHOLD_DATABASE_URL": "postgresql+asyncpg://app:secret@db/x",
    "FANGFAN_GATEWAY_SERVICES": json.dumps(
        {name: f"http://{name}:8000/" for name in ("household", "inspection", "monitoring", "reporting")}
    ),
}


def _read_all() -> tuple[CommonSettings, ServiceSettings, GatewaySettings]:
    return CommonSettings(), ServiceSettings.of("household"), GatewaySettings.read()


@pytest.fixture
def sound(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in [name for name in os.environ if name.startswith("FANGFAN_")]:
        monkeypatch.delenv(name)
    for name, value in _SOUND.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.mark.check
def test_what_is_written_a_little_otherwise_is_understood(sound: pytest.MonkeyPatch) -> None:
    sound.setenv("FANGFAN_LOG_LEVEL", "debug")
    common, _, gateway = _read_all()
    assert common.log_level == "DEBUG"
    # A path is put behind it, and begins with a slash.
    assert gateway.services["household"] == "http://household:8000"


@pytest.mark.check
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FANGFAN_LOG_LEVEL", "loud"),
        ("FANGFAN_BUS_URL", "http://secret@bus/"),
        ("FANGFAN_BUS_URL", "amqp:secret"),
        ("FANGFAN_KEY_RING", '{"secret": 1}'),
        ("FANGFAN_IDENTITY_PUBLIC_KEY", "secret"),
        ("FANGFAN_STORAGE_URL", "ftp://secret@store"),
        ("FANGFAN_OTLP_ENDPOINT", "collector:4318"),
        ("FANGFAN_DRAIN_SECONDS", "-1"),
        ("FANGFAN_MAX_UPLOAD_BYTES", "0"),
        ("FANGFAN_HOUSEHOLD_DATABASE_URL", "postgresql://app:secret@db/x"),
        ("FANGFAN_HOUSEHOLD_OWNER_URL", "secret"),
        ("FANGFAN_HOUSEHOLD_PORT", "80000"),
        ("FANGFAN_HOUSEHOLD_POOL_SIZE", "0"),
        ("FANGFAN_GATEWAY_IDENTITY_PRIVATE_KEY", "secret"),
        ("FANGFAN_GATEWAY_TOKEN_KEYS", "[]"),
        ("FANGFAN_GATEWAY_TOKEN_KEYS", '["secret"]'),
        ("FANGFAN_GATEWAY_SERVICES", '{"household": "http://household:8000"}'),
        ("FANGFAN_GATEWAY_SERVICES", _SOUND["FANGFAN_GATEWAY_SERVICES"].replace("http://", "")),
        ("FANGFAN_GATEWAY_PUBLIC_URL", "fangfan.example.cn"),
        ("FANGFAN_GATEWAY_TOKEN_SECONDS", "0"),
        ("FANGFAN_GATEWAY_RATE_PER_SECOND", "0"),
        ("FANGFAN_GATEWAY_PUBLIC_RATE_BURST", "0"),
    ],
)
def test_a_value_that_cannot_serve_is_refused_at_the_start_and_not_quoted(
    name: str, value: str, sound: pytest.MonkeyPatch
) -> None:
    sound.setenv(name, value)
    with pytest.raises(ValidationError) as told:
        _read_all()
    (field,) = {str(error["loc"][0]) for error in told.value.errors()}
    assert name.lower().endswith(field)
    assert "secret" not in str(told.value)
