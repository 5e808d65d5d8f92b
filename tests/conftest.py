"""What every test may ask for: see ``tests/infrastructure``."""

import gc

pytest_plugins = [
    "tests.infrastructure.servers",
    "tests.infrastructure.databases",
    "tests.infrastructure.objects",
]


def pytest_collection_finish() -> None:
    """Spare the collector all that has been loaded: it stays anyhow, and was gone through every few tests."""
    gc.collect()
    gc.freeze()
