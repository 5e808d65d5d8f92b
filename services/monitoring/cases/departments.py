"""Which departments are heard at the joint check (部门联审): data, by place and date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated

from shared.domain.codes import Coded
from shared.domain.dated import DatedRule, nearest, read_rules

_Department = Annotated[str, Coded("department")]


class Asking(DatedRule):
    """Whom the county's office asks somewhere from a day on; it may hear more."""

    always: tuple[_Department, ...]
    by_risk: Mapping[Annotated[str, Coded("risk_type")], tuple[_Department, ...]]

    def of(self, risk_types: Iterable[str]) -> list[str]:
        """Return whom a household's risks concern, each once."""
        concerned = (department for risk in risk_types for department in self.by_risk.get(risk, ()))
        return list(dict.fromkeys([*self.always, *concerned]))


def asking(division_code: str, on: date) -> Asking:
    """Return whom to ask in a division on a day."""
    return nearest(read_rules(Asking, __package__, "departments.yaml"), division_code, on)
