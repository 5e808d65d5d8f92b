"""The published language: what services tell each other, as plain pydantic models.

Append-only. A field may be added with a default; anything else is a new version beside the old one.
"""
