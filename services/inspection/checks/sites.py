"""Where a check is made: a village, an inspected object, or the county with its mechanisms."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from services.inspection.campaigns.errors import NotInCampaign
from services.inspection.campaigns.model import Campaign
from services.inspection.checklists.model import Item, ObjectKind
from services.inspection.checks.errors import NoSite
from services.inspection.objects.errors import AlreadyOver
from services.inspection.objects.model import InspectedObject
from services.inspection.replicas.queries import names_of
from shared.database import Reader
from shared.domain.division import level_of, within

_BY_LEVEL = {"village": ObjectKind.VILLAGE, "county": ObjectKind.COUNTY}


@dataclass(frozen=True)
class Site:
    """A place to check; ``kind`` is ``village``, ``county`` or the object's kind."""

    division_code: str
    division_name: str | None
    kind: str
    name: str
    object: InspectedObject | None = None

    @property
    def object_id(self) -> UUID | None:
        """The inspected object, if it is one."""
        return self.object.id if self.object else None

    def is_asked(self, item: Item) -> bool:
        """Tell whether an item is asked there."""
        if self.object is None:
            return item.object == self.kind
        if item.applies.objects:
            # An item of the door may be asked of an object, too: what loans are used for, of a branch's books.
            return self.kind in item.applies.objects
        return item.object is ObjectKind.OPERATOR


async def site_of(
    db: Reader, campaign: Campaign, *, division_code: str | None, object_id: UUID | None
) -> Site:
    """Return the place of a check that takes part in the campaign, or refuse."""
    known = await db.get(InspectedObject, object_id) if object_id else None
    code = known.division_code if known else division_code
    if code is None:
        raise NoSite
    if not within(code, campaign.division_code):
        raise NotInCampaign
    name = (await names_of(db, [code])).get(code)
    if known:
        if known.ended_on is not None:
            raise AlreadyOver
        return Site(code, name, known.kind, known.name, known)
    kind = _BY_LEVEL.get(level_of(code).value)
    if kind is None:
        raise NoSite
    return Site(code, name, kind, name or code)
