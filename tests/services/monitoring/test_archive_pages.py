"""An archive's pages: what DOCX and PDF say and show, and the words for it."""

from __future__ import annotations

from collections import Counter
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import pytest

from services.monitoring.archive.rules import need_set
from services.monitoring.archive.wording import labels
from services.monitoring.assistance import schemas as assistance
from services.monitoring.cases import schemas as cases
from services.monitoring.credits.schemas import TermsForm, UseForm
from services.monitoring.followups.schemas import FollowUpForm
from services.monitoring.forms import FILED_APART, Form, StepForm
from services.monitoring.limits import due
from services.monitoring.monitored import schemas as monitored_forms
from shared.documents import DOCX, PDF
from shared.domain.codes import code_lists
from tests.architecture.source import ROOT
from tests.documents import words_of, words_of_docx
from tests.services.monitoring.conftest import (
    VILLAGE,
    Scene,
    household,
)
from tests.services.monitoring.filing import (
    WAY,
    filed,
    identified,
)
from tests.services.monitoring.journey import open_case, walk


@pytest.mark.parametrize("form", [DOCX, PDF])
async def test_the_document_says_all_of_it_and_shows_photos_and_signatures(scene: Scene, form: str) -> None:
    _, thing = await filed(scene)
    answer = await scene.county.get(f"{thing}/archive", headers={"Accept": form})
    assert (answer.status_code, answer.headers["content-type"]) == (200, form)
    assert "%E6%A1%A3%E6%A1%88" in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "private, no-store"
    words = "".join((words_of if form == PDF else words_of_docx)(answer.content).split())
    steps = code_lists()["archive_step"]
    for kind, times in Counter(WAY).items():
        assert words.count(f"　{steps.label(kind)}".strip()) >= times, kind
    for said in (
        "姓名：周明；身份：村书记",
        "尿毒症透析",
        "自付降至每月三百元",
        "透析按时，收支平衡",
        "比对数据：名下车辆",
        "2022-01-18（时限规则版本2019）",
        "整户迁往外省",
        "档案材料齐全",
    ):
        assert said in words, said
    if form == DOCX:
        # Two signatures and three photos of identification; what came with plan, measure, follow-up and elimination.
        assert len(docx.Document(BytesIO(answer.content)).inline_shapes) == 9


HOSTILE = '王#import "x"</w:t>$1$\u202e<b>二'


@pytest.mark.parametrize("form", [DOCX, PDF])
async def test_a_hostile_name_breaks_no_document(scene: Scene, form: str) -> None:
    known = await scene.known(household(head_name=HOSTILE))
    changed = {"deliberation": {"minutes": "甲\u0001乙 #panic() ]]>"}}
    case = await walk(scene, await open_case(scene, known.id), changed=changed)
    answer = await scene.county.get(f"/monitored/{case['monitored_id']}/archive", headers={"Accept": form})
    words = "".join((words_of if form == PDF else words_of_docx)(answer.content).split())
    assert '王#import"x"</w:t>$1$<b>二户监测对象档案' in words
    assert "甲乙#panic()]]>" in words


async def test_a_photo_that_the_store_has_lost_is_listed_all_the_same(scene: Scene) -> None:
    known = await scene.known(household())
    thing = await identified(scene, known)
    folder = Path(scene.service.runtime.common.storage_url.removeprefix("file://"), "monitoring")
    for path in folder.rglob("*"):
        if path.is_file():
            path.unlink()
    answer = await scene.county.get(f"{thing}/archive", headers={"Accept": DOCX})
    assert "材料-photo" in words_of_docx(answer.content)
    assert len(docx.Document(BytesIO(answer.content)).inline_shapes) == 0


def _fields(form: type[Form]) -> dict[str, type[Form] | None]:
    """Return the fields of a form with the form inside each, if there is one."""
    found = {}
    for name, field in form.model_fields.items():
        inner = [
            each for each in _types(field.annotation) if isinstance(each, type) and issubclass(each, Form)
        ]
        found[name] = inner[0] if inner else None
    return found


def _types(annotation: Any) -> list[Any]:
    inner = getattr(annotation, "__args__", ())
    return [annotation, *(each for part in inner for each in _types(part))]


def _unlabelled(form: type[Form]) -> set[str]:
    missing = set()
    for name, inner in _fields(form).items():
        if name not in FILED_APART | {"clue_id", "planned_on"} and name not in labels():
            missing.add(f"{form.__name__}.{name}")
        missing |= _unlabelled(inner) if inner else set()
    return missing


def test_every_field_of_every_form_has_a_label() -> None:
    rooms = (cases, assistance, monitored_forms)
    found = [each for room in rooms for each in vars(room).values() if isinstance(each, type)]
    apart: set[type[Form]] = {assistance.MeasureForm, FollowUpForm, TermsForm, UseForm}
    kept = {each for each in found if issubclass(each, StepForm)} | apart
    assert len(kept) > 15
    assert set().union(*map(_unlabelled, kept)) == set()
    assert {label.codes for label in labels().values() if label.codes} <= set(code_lists())


def test_no_label_is_given_twice() -> None:
    # The later one would be said of both; a field that means something else stands with the name of its form.
    lines = (ROOT / "services/monitoring/archive/labels.yaml").read_text("utf-8").splitlines()
    names = Counter(line.split(":")[0] for line in lines if not line.startswith("#"))
    assert [name for name, times in names.items() if times > 1] == []


def test_what_an_archive_needs_names_what_there_is() -> None:
    needed, on = need_set(VILLAGE, date(2021, 6, 10)), date(2021, 6, 10)
    assert needed.source
    for need in needed.needs:
        assert need.at in code_lists()["archive_step"], need
        assert all(kind in code_lists()["attachment_kind"] for kind in need.kinds), need
        assert bool(need.kinds) != bool(need.limit), need
        if need.limit:
            assert due(need.limit, VILLAGE, on).on > on, need
