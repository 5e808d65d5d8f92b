"""Who acts: a person, a department's system or a part of Fangfan itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from shared.domain.division import NATION, area_range
from shared.identity.scopes import scopes_of

AreaRange = tuple[str, str]
#: Subject of everybody without an account.
PUBLIC = "public"


@dataclass(frozen=True)
class Principal:
    """The caller as every service sees it: name, what it may do, and which divisions are its own."""

    #: Stable id: the subject of the token, or ``system:<service>``.
    subject: str
    #: As shown in histories.
    name: str
    scopes: frozenset[str]
    #: Division codes of any level; empty means no area at all.
    areas: tuple[str, ...]
    roles: tuple[str, ...] = ()
    #: In whose name it sends data: codes of the list ``department``.
    departments: tuple[str, ...] = ()

    def may(self, scope: str) -> bool:
        """Tell whether the caller holds the scope."""
        return scope in self.scopes

    @cached_property
    def ranges(self) -> tuple[AreaRange, ...]:
        """Half-open ranges of division codes in "C" order, sorted."""
        return tuple(sorted(("0", ":") if code == NATION else area_range(code) for code in self.areas))

    @cached_property
    def hull(self) -> AreaRange:
        """The smallest single range that holds all of them; an empty one where there is no area."""
        if not self.ranges:
            return ("", "")
        return self.ranges[0][0], max(high for _, high in self.ranges)

    def covers(self, division_code: str) -> bool:
        """Tell whether a division lies inside the caller's area."""
        return any(low <= division_code < high for low, high in self.ranges)


def public() -> Principal:
    """Return the identity of somebody without an account; where they may come in, anybody in the country may."""
    return Principal(PUBLIC, "公众", scopes_of((PUBLIC,)), (NATION,), (PUBLIC,))


def system(service: str) -> Principal:
    """Return the identity under which a service itself works: on events, jobs and schedules, everywhere."""
    return Principal(f"system:{service}", f"系统（{service}）", frozenset(), (NATION,), ("system",))
