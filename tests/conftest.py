"""What every test may ask for: see ``tests/infrastructure``."""

pytest_plugins = [
    "tests.infrastructure.servers",
    "tests.infrastructure.databases",
    "tests.infrastructure.objects",
]
