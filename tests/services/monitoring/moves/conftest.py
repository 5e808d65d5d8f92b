"""Who goes to another household, where to, and who tells of them."""

from __future__ import annotations

import pytest

from shared.contracts.household import HouseholdRegistered
from tests.services.monitoring.comparing import Department
from tests.services.monitoring.conftest import Scene
from tests.services.monitoring.moving import gone_to, lived_in, office_of


@pytest.fixture
async def old(scene: Scene) -> HouseholdRegistered:
    return await lived_in(scene)


@pytest.fixture
async def new(scene: Scene) -> HouseholdRegistered:
    return await gone_to(scene)


@pytest.fixture
async def office(scene: Scene) -> Department:
    return await office_of(scene)
