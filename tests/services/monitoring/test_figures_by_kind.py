"""Figures of some kinds of rows: what was spent in hospital, and what as an out-patient."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from pydantic import ValidationError

from services.monitoring.datasets.columns import Column
from services.monitoring.rulebook.documents import shipped_rules
from services.monitoring.rulebook.figures import Figure
from tests.services.monitoring.comparing import Department, as_csv, number
from tests.services.monitoring.conftest import COUNTY, Scene, household, numbered
from tests.services.monitoring.test_comparison_rules import clues
from tests.services.monitoring.test_rulebook import publish

LIFTED, GENERAL = number(731), number(732)
NAMES = {LIFTED: "王建国", GENERAL: "李秀英"}
Paid = Sequence[tuple[str, int | float, str]]


@pytest.fixture
async def department(scene: Scene) -> Department:
    """The office of medical insurance, of a county that goes by the method with kinds."""
    await scene.known(
        household(members=(numbered("王建国", LIFTED),), kind="lifted"),
        household(members=(numbered("李秀英", GENERAL),)),
    )
    for name in ("medical_in_patient", "medical_out_patient"):
        rule = shipped_rules()[name].model_dump(mode="json", by_alias=True, exclude_none=True)
        rule["versions"] = [
            {**rule["versions"][0], "version": "county", "area": COUNTY, "from": "2021-06-10"}
        ]
        written = await scene.county.post("/rules/drafts", json={"document": rule})
        assert written.status_code == 201, written.text
        await publish(scene, f"/rules/drafts/{written.json()['id']}", by="other_county")
    return Department(scene.service, await scene.service.caller("department", COUNTY, subject="yibao"))


async def paid(department: Department, rows: Paid, period: str = "2021-06") -> dict[str, Any]:
    return await department.send(
        as_csv([[NAMES[who], who, str(yuan), kind] for who, yuan, kind in rows]), period
    )


async def warned(scene: Scene) -> Counter[tuple[str, str]]:
    """Return whom which rule warned of."""
    members = {home["household_id"]: home["head_name"] for home in await clues(scene)}
    assert len(members) == len(await clues(scene)), "several warnings of one illness are one clue"
    return Counter(
        (each["detail"]["rule"], str(each["detail"]["inputs"].get("person_class", "")))
        for clue in await clues(scene)
        for each in clue["evidence"]
    )


@pytest.mark.parametrize(
    ("rows", "rules"),
    [
        pytest.param(
            [(LIFTED, 3000, "住院"), (LIFTED, 2000, "单病种住院"), (LIFTED, 499, "门诊")],
            ["medical_in_patient"],
            id="days in hospital add up",
        ),
        pytest.param([(LIFTED, 4999.99, "住院"), (LIFTED, 499, "门诊")], [], id="a little less of each"),
        pytest.param([(GENERAL, 6000, "住院")], [], id="others pay more in hospital"),
        pytest.param(
            [(GENERAL, 300, "急诊"), (GENERAL, 200, "门特")],
            ["medical_out_patient"],
            id="out-patients of whatever kind",
        ),
        pytest.param(
            [(LIFTED, 5000, "in_patient"), (LIFTED, 500, "门诊慢特病")],
            ["medical_in_patient", "medical_out_patient"],
            id="both",
        ),
        pytest.param(
            [(GENERAL, 8000, "定点药店购药"), (GENERAL, 7001, "")],
            ["medical_year"],
            id="what is of neither kind counts for the year",
        ),
    ],
)
async def test_each_kind_has_a_sum_of_its_own(
    department: Department, scene: Scene, rows: Paid, rules: list[str]
) -> None:
    batch = await paid(department, rows)
    assert (batch["invalid"], batch["alerts"]) == (0, len(rules))
    assert sorted(rule for rule, _ in await warned(scene)) == rules


async def test_days_in_hospital_add_up_over_months_and_out_patients_do_not(
    department: Department, scene: Scene
) -> None:
    scene.go_to(2021, 7, 31)
    for month in ("2021-06", "2021-07"):
        await paid(department, [(LIFTED, 2500, "住院"), (LIFTED, 400, "门诊")], month)
    assert await warned(scene) == {("medical_in_patient", "lifted"): 1}
    corrected = await paid(department, [(LIFTED, 2500, "住院"), (LIFTED, 500, "门诊")], "2021-07")
    assert corrected["alerts"] == 2
    again = await paid(department, [(LIFTED, 2500, "门诊"), (LIFTED, 400, "住院")], "2021-07")
    assert (again["alerts"], again["clues_taken_back"]) == (1, 0), (
        "the same money of other kinds is other news"
    )


async def test_a_countys_method_holds_nowhere_else(scene: Scene) -> None:
    await scene.known(household(members=(numbered("王建国", LIFTED),), kind="lifted"))
    department = Department(scene.service, await scene.service.caller("department", COUNTY, subject="yibao"))
    batch = await paid(department, [(LIFTED, 6000, "住院"), (LIFTED, 600, "门诊")])
    assert (batch["alerts"], await clues(scene)) == (0, [])


async def test_a_row_tells_its_kind_in_the_sheet_that_is_handed_back(department: Department) -> None:
    batch = await paid(department, [(LIFTED, 1, "普通住院"), (LIFTED, 2, "药店"), (LIFTED, 3, "")])
    found = [each["kind"] for each in await department.listed(batch, "results")]
    assert found == ["in_patient", "other", None]


@pytest.mark.check
@pytest.mark.parametrize(
    ("dataset", "kinds"),
    [
        pytest.param("medical_expense", ["in_patient", "dental"], id="a code that its list does not have"),
        pytest.param("accident", ["traffic"], id="a column of words"),
        pytest.param("deposit", ["savings"], id="no such column"),
        pytest.param("weather", ["rain"], id="no such dataset"),
        pytest.param("medical_expense", ["x') OR true --"], id="no code at all"),
    ],
)
def test_a_figure_asks_only_for_kinds_that_its_rows_can_have(dataset: str, kinds: list[str]) -> None:
    figure = shipped_rules()["medical_in_patient"].figures["in_patient"].model_dump()
    with pytest.raises(ValidationError):
        Figure.model_validate(figure | {"datasets": (dataset,), "kinds": kinds})


@pytest.mark.check
def test_what_else_is_written_is_a_code_of_the_columns_list() -> None:
    column = {"field": "kind", "header": "医疗类别", "type": "code", "codes": "medical_kind"}
    assert Column.model_validate(column | {"otherwise": "other"}).otherwise == "other"
    for given in ({**column, "otherwise": "weather"}, {"field": "note", "header": "x", "otherwise": "other"}):
        with pytest.raises(ValidationError, match="no code of its list"):
            Column.model_validate(given)
