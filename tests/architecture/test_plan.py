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


def test_the_page_has_all_of_the_plan() -> None:
    # The tasks and the steps have (一) to (四) both; what is inspected, (一), has eight areas.
    clauses = [clause for clause, _served, _proved in _ROWS]
    assert {clause.split()[0] for clause in clauses} >= {"(一)", "(二)", "(三)", "(四)"}
    assert {clause[4] for clause in clauses if clause.startswith("(一) ")} >= set("12345678")


@pytest.mark.parametrize("row", _ROWS, ids=lambda row: row[0])
def test_every_clause_is_served_and_proved_by_what_there_is(row: list[str]) -> None:
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
