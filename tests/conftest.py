"""What every test may ask for: see ``tests/infrastructure``."""

import gc

from hypothesis import settings

pytest_plugins = [
    "tests.infrastructure.servers",
    "tests.infrastructure.databases",
    "tests.infrastructure.objects",
]

# A machine that others use, too, is slow now and then: that is no fault of what is tested.
settings.register_profile("fangfan", deadline=None)
settings.load_profile("fangfan")


def pytest_collection_finish() -> None:
    """Spare the collector all that has been loaded: it stays anyhow, and was gone through every few tests."""
    gc.collect()
    gc.freeze()
