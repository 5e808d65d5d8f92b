"""Monitoring's tables of attachments."""

from __future__ import annotations

from services.monitoring.tables import Row
from shared.attachments import model


class Attachment(Row, model.Attachment, table=True):
    """A paper, photo or signature of a household's file."""


class AttachmentLink(Row, model.AttachmentLink, table=True):
    """That a step of a file names one."""
