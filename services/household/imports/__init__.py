"""Bulk import: files as offices send them, into the registry, in sets."""
