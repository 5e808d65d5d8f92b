"""Inspection's tables of attachments."""

from __future__ import annotations

from services.inspection.tables import Row
from shared.attachments import model


class Attachment(Row, model.Attachment, table=True):
    """A photo, signature or document of a visit, check or finding."""


class AttachmentLink(Row, model.AttachmentLink, table=True):
    """That a visit, check or finding names one."""
