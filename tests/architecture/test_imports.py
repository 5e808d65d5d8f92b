"""The import law is held by import-linter (``make check``); here it is seen that no room escapes it."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from deploy.catalog import NAMES
from tests.architecture.source import ROOMS, ROOT

pytestmark = pytest.mark.check


def _law() -> dict[str, Any]:
    law: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    return law


def test_every_room_is_under_the_import_law() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert packages == set(ROOMS) == set(_law()["root_packages"])


def test_every_service_is_independent_of_the_others() -> None:
    (independence,) = [each for each in _law()["contracts"] if each["type"] == "independence"]
    services = {f"services.{path.parent.name}" for path in ROOT.glob("services/*/app.py")}
    assert set(independence["modules"]) == services
    assert {name.removeprefix("services.") for name in services} | {"gateway"} == set(NAMES)


def test_the_layers_stand_in_order() -> None:
    (layers,) = [each for each in _law()["contracts"] if each["type"] == "layers"]
    assert layers["layers"] == ["deploy", "gateway | services", "shared"]
