"""What departments' data says of a household under watch."""

from __future__ import annotations

from uuid import UUID

from services.monitoring.comparisons.confirmations import ConfirmationView, page_of_confirmations
from shared.database import Page
from shared.refusal import NotFound
from shared.web import Paging, Reading, Router, refusals, requires

router = Router(prefix="/monitored", tags=["部门数据比对 comparisons"])


@router.get(
    "/{monitored_id}/confirmations", dependencies=[requires("monitored:read")], responses=refusals(NotFound)
)
async def confirmations(monitored_id: UUID, db: Reading, page: Paging) -> Page[ConfirmationView]:
    """List what departments' data confirmed of a risk that is watched already (佐证): evidence, and no clue."""
    return await page_of_confirmations(db, monitored_id, page)
