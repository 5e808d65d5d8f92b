"""Keeping secrets: encrypted fields, a keyed index to find them by, and masks to show them with."""
