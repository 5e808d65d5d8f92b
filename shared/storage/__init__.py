"""Files that outlive a request: photos, signatures, documents, kept by their content."""

from shared.storage.media import UnknownMedia, media_type_of
from shared.storage.store import Storage, StorageUnreachable, check_url

__all__ = ["Storage", "StorageUnreachable", "UnknownMedia", "check_url", "media_type_of"]
