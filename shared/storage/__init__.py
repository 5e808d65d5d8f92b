"""Files that outlive a request: photos, signatures, documents, kept by their content."""

from shared.storage.media import UnknownMedia, media_type_of
from shared.storage.store import Storage, StorageUnreachable

__all__ = ["Storage", "StorageUnreachable", "UnknownMedia", "media_type_of"]
