"""Filing papers with what names them."""

from __future__ import annotations

from uuid import UUID

from services.monitoring.forms import StepForm
from services.monitoring.papers.queries import PAPERS
from shared.attachments.commands import name_attachments
from shared.attachments.schemas import Naming
from shared.database import Placed, Writer


async def file_papers(db: Writer, of: Placed, of_id: UUID, household_id: UUID, form: StepForm) -> None:
    """File the papers that a step's form names with what the step has left behind: they may arrive later."""
    await name_attachments(db, PAPERS, [Naming(of_id, of.division_code, household_id, form.papers)])
