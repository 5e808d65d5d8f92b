"""Keys of rows and events."""

from __future__ import annotations

from uuid import UUID

import uuid_utils.compat as uuid_versions


def uuid7() -> UUID:
    """Return a key that sorts by the moment it was made (RFC 9562)."""
    return uuid_versions.uuid7()
