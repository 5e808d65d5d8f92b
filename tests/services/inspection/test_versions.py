"""Two versions of the checklist side by side: each campaign asks, and each ledger reads, by its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml

from services.inspection.checklists import catalog
from services.inspection.checklists.catalog import checklists, read
from tests.services.inspection.conftest import COUNTY, Scene, failed, household, open_campaign, visit

ROOT = Path(catalog.__file__).parent


@pytest.fixture
def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list for 2022: water is a choice and worded anew, consumption assistance is asked no more."""
    data: dict[str, Any] = yaml.safe_load((ROOT / "2021.yaml").read_text("utf-8"))
    (tmp_path / "2021.yaml").write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
    data |= {"version": "2022", "valid_from": "2022-06-01"}
    data["areas"] = [area for area in data["areas"] if area["code"] != "A5"]
    water = next(item for item in data["areas"][0]["items"] if item["code"] == "A1-04")
    options = [{"code": code, "zh": code, "en": code} for code in ("steady", "seasonal", "none")]
    water |= {"zh": "供水稳定", "answer": {"type": "choice", "options": options, "fails": ["none"]}}
    del water["fact"]
    (tmp_path / "2022.yaml").write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
    versions = read(tmp_path)
    assert list(versions) == ["2021", "2022"]
    monkeypatch.setattr(catalog, "checklists", lambda: versions)


async def item_of(scene: Scene, campaign_id: UUID, home: Any, code: str) -> dict[str, Any]:
    form = await scene.county.get(f"/campaigns/{campaign_id}/visits/form?household_id={home.id}")
    assert form.status_code == 200, form.text
    found: dict[str, Any] = next(item for item in form.json()["items"] if item["item"] == code)
    return found


@pytest.mark.usefixtures("next_version")
async def test_each_campaign_asks_and_reads_by_its_own_version(scene: Scene) -> None:
    home = household()
    await scene.add(home)
    other = await open_campaign(scene.county, name="2022年排查", checklist="2022")
    assert (await scene.visit(home, answers=[failed("A1-04", "未通水")])).status_code == 201
    new = await item_of(scene, other, home, "A1-04")
    assert (new["zh"], new["value"]) == ("供水稳定", None), "a yes is no answer to a choice"
    assert new["last"]["facts"] == "未通水"
    assert (await item_of(scene, scene.campaign_id, home, "A1-04"))["answer"]["type"] == "yes_no"
    answer = {"item": "A1-04", "value": "none"}
    recorded = await scene.village.post(f"/campaigns/{other}/visits", json=visit(home, answers=[answer]))
    assert recorded.status_code == 201, recorded.text
    wrong = await scene.visit(home, answers=[answer])
    assert wrong.json()["code"] == "bad_answer"
    gone = await scene.village.post(f"/campaigns/{other}/visits", json=visit(home, answers=[failed("A5-04")]))
    assert gone.json()["code"] == "unknown_item"
    ledger = (await scene.town.get("/findings/ledger")).json()["items"]
    assert sorted(each["problem"]["item_zh"] for each in ledger) == ["供水稳定", "饮水安全有保障"]


@pytest.mark.usefixtures("next_version")
async def test_what_a_campaign_took_over_reads_as_it_was_asked(scene: Scene) -> None:
    home = household()
    await scene.add(home)
    assert (await scene.visit(home, answers=[failed("A5-04", "苹果滞销")])).status_code == 201
    closing = await scene.county.get(scene.path)
    await scene.county.post(f"{scene.path}/closing", headers={"If-Match": closing.headers["etag"]})
    await open_campaign(scene.county, name="2022年排查", checklist="2022", inherits=str(scene.campaign_id))
    (entry,) = (await scene.county.get("/findings/ledger")).json()["items"]
    assert entry["problem"]["item_zh"] == "农产品无滞销"


async def test_an_unknown_version_is_refused(scene: Scene) -> None:
    assert "2022" not in checklists()
    draft = {
        "name": "2022年排查",
        "year": 2022,
        "division_code": COUNTY,
        "starts_on": "2022-06-06",
        "ends_on": "2022-06-28",
        "checklist": "2022",
    }
    refused = await scene.county.post("/campaigns", json=draft)
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_checklist")
