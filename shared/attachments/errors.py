"""How attachments refuse."""

from __future__ import annotations

from shared.refusal import Refusal


class AttachmentIdReused(Refusal):
    """Another attachment was sent with the same id."""

    status = 409
    code = "attachment_id_reused"
    zh = "该附件编号已用于另一个附件"


class EvidenceAwaited(Refusal):
    """Photos or documents that are named as evidence have not arrived yet."""

    status = 409
    code = "evidence_awaited"
    zh = "作为佐证的附件尚未全部上传"
