"""The page that maps the county's plan names only what there is."""

from __future__ import annotations

import re
from itertools import chain

import pytest

from services.household.app import SERVICE as HOUSEHOLD
from services.inspection.app import SERVICE as INSPECTION
from services.monitoring.app import SERVICE as MONITORING
from services.reporting.app import SERVICE as REPORTING
from tests.architecture.source import ROOT
from tests.routes import routes_of

pytestmark = pytest.mark.check

_ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs/plan.md").read_text("utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| ---") and not line.startswith("| clause")
]


#: Clauses that the house does not carry yet; whoever builds one takes it out here.
_NOT_YET = {
    "(三) 脱贫户分类管理",
}


def test_what_is_not_there_yet_says_so() -> None:
    assert {clause for clause, served, _proved in _ROWS if served.startswith("not yet")} == _NOT_YET


@pytest.mark.parametrize("row", [row for row in _ROWS if row[0] not in _NOT_YET], ids=lambda row: row[0])
def test_a_clause_is_served_and_proved_by_what_there_is(row: list[str]) -> None:
    services = (HOUSEHOLD, INSPECTION, MONITORING, REPORTING)
    routes = {
        f"{method} {route.path}"
        for route in chain.from_iterable(map(routes_of, services))
        for method in route.methods or ()
    }
    _clause, served, proved = row
    named = re.findall(r"`([^`]+)`", served)
    assert named
    assert set(named) - routes == set()
    for path, name in re.findall(r"`([^`:]+)::([^`]+)`", proved):
        assert f"def {name}(" in (ROOT / path).read_text("utf-8")
    assert "::" in proved
