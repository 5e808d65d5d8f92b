"""The checklist is data: what it names must exist, and each item is asked where it applies."""

from __future__ import annotations

import pytest

from services.inspection.campaigns.model import CampaignStatus
from services.inspection.campaigns.phases import PhaseKind
from services.inspection.checklists.catalog import checklist_of
from services.inspection.checklists.model import Condition, Item, ObjectKind, Person, Situation
from services.inspection.checklists.severity import Severity
from services.inspection.corrections.schemas import Corrections, MemberCorrection
from services.inspection.findings.model import FindingStatus
from shared.contracts.household import HouseholdState, MemberState
from shared.domain.codes import code_lists

pytestmark = pytest.mark.check

ITEMS = checklist_of("2021").items.values()
#: What the form knows beside the registry's facts.
FROM_MONITORING = {"contact", "open_risks"}


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.code)
def test_an_item_names_only_what_exists(item: Item) -> None:
    if item.signal:
        assert item.signal.risk in code_lists()["risk_type"]
        assert set(item.signal.when) <= item.answer.labels().keys()
    facts = MemberState if item.object is ObjectKind.PERSON else HouseholdState
    corrected = MemberCorrection if item.object is ObjectKind.PERSON else Corrections
    assert item.fact is None or item.fact in corrected.model_fields.keys() & facts.model_fields.keys()
    if item.after:
        asked = checklist_of("2021").items[item.after.item]
        assert set(item.after.values) <= asked.answer.labels().keys()
    assert set(item.shows) <= facts.model_fields.keys() | FROM_MONITORING
    assert all(kind in code_lists()["household_kind"] for kind in item.applies.kinds)
    assert all(category in code_lists()["monitored_category"] for category in item.applies.categories)
    assert item.code.startswith("A")
    assert 1 <= item.deadline_days <= 10


@pytest.mark.parametrize(
    ("codes", "values"),
    [
        ("finding_status", FindingStatus),
        ("finding_severity", Severity),
        ("inspection_object", ObjectKind),
        ("campaign_phase", PhaseKind),
        ("campaign_status", CampaignStatus),
        ("inspection_area", [area.code for area in checklist_of("2021").areas]),
    ],
)
def test_every_value_has_its_labels(codes: str, values: list[str]) -> None:
    assert [code.code for code in code_lists()[codes].codes] == list(values)


LIFTED = Situation(kind="lifted", monitoring="none")
GENERAL = Situation(kind="general", monitoring="none")
MARGINAL = Situation(kind="general", monitoring="active", category="marginal")
CURED = Situation(kind="general", monitoring="eliminated", category="marginal")


@pytest.mark.parametrize(
    ("code", "asked_of"),
    [
        ("A1-03", [LIFTED, GENERAL, MARGINAL, CURED]),
        ("A4-02", [LIFTED, MARGINAL]),
        ("A7-02", [MARGINAL]),
        ("A7-05", [LIFTED, GENERAL]),
        ("A7-06", [CURED]),
        ("A8-01", [LIFTED]),
        ("A8-02", [MARGINAL]),
    ],
)
def test_an_item_is_asked_of_the_households_it_is_about(code: str, asked_of: list[Situation]) -> None:
    condition = checklist_of("2021").items[code].applies
    assert [each for each in (LIFTED, GENERAL, MARGINAL, CURED) if condition.holds_for(each)] == asked_of


@pytest.mark.parametrize(
    ("person", "asked"),
    [
        pytest.param(Person(age=15, labour="ordinary"), False, id="too young"),
        pytest.param(Person(age=16, labour="ordinary"), True, id="just of age"),
        pytest.param(Person(age=30, labour="lost"), False, id="not able"),
        pytest.param(Person(age=None, labour=None), True, id="unknown: the officer decides"),
    ],
)
def test_a_persons_item_asks_whom_it_is_about(person: Person, asked: bool) -> None:  # noqa: FBT001 - a table's column
    assert Condition(age=(16, 59), able_to_work=True).holds_for_person(person) is asked
