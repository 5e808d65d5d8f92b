"""Filing papers with what names them."""

from __future__ import annotations

from uuid import UUID

from services.monitoring.forms import FiledForm
from services.monitoring.papers.queries import PAPERS
from shared.attachments.commands import name_attachments
from shared.attachments.schemas import Naming
from shared.database import Placed, Writer


async def file_papers(db: Writer, of: Placed, of_id: UUID, household_id: UUID, form: FiledForm) -> None:
    """File the papers that a form names with what it has left behind: they may arrive later."""
    await name_attachments(db, PAPERS, [Naming(of_id, of.division_code, household_id, form.papers)])
