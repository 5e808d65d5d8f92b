"""Settings: what is missing is told, and nothing of what is there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pydantic import ValidationError
from pydantic_settings import BaseSettings

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
