from collections import Counter
from typing import Annotated

import polars as pl
import pytest
from pydantic import TypeAdapter, ValidationError

from shared.domain.codes import Coded, CodeList, code_lists
from shared.domain.written import plain

pytestmark = pytest.mark.check

LISTS = list(code_lists().values())
each_list = pytest.mark.parametrize("codes", LISTS, ids=lambda codes: codes.name)


@each_list
def test_every_code_has_labels_and_every_list_its_source(codes: CodeList) -> None:
    assert codes.zh
    assert codes.en
    assert codes.source
    assert all(each.zh and each.en for each in codes.codes)


@each_list
def test_codes_and_labels_stand_once(codes: CodeList) -> None:
    for values in ([each.code for each in codes.codes], [each.zh for each in codes.codes]):
        assert max(Counter(values).values()) == 1


@each_list
def test_no_writing_means_two_codes(codes: CodeList) -> None:
    meanings: dict[str, set[str]] = {}
    for each in codes.codes:
        for writing in (each.code, each.zh, each.en, *each.aliases):
            meanings.setdefault(plain(writing).lower(), set()).add(each.code)
    assert {writing: meant for writing, meant in meanings.items() if len(meant) > 1} == {}


@each_list
def test_labels_lead_back_to_their_code(codes: CodeList) -> None:
    for each in codes.codes:
        assert codes.code_of(codes.label(each.code)) == each.code
        assert codes.code_of(codes.label(each.code, "en")) == each.code


@pytest.mark.parametrize(
    ("name", "size"),
    [("ethnic_group", 56), ("relationship", 28), ("disaster_kind", 7), ("disability_kind", 7), ("inspection_area", 8),
     ("priority_group", 8), ("risk_type", 13), ("measure_kind", 16), ("case_step", 9)],
)  # fmt: skip
def test_lists_are_complete(name: str, size: int) -> None:
    assert len(code_lists()[name].codes) == size


@pytest.mark.parametrize(
    ("name", "written", "code"),
    [
        pytest.param("relationship", "儿子", "son", id="an alias"),
        pytest.param("work_place", "乡(镇)内", "town", id="narrow brackets for wide ones"),
        pytest.param("work_place", " 乡（镇）外 县内 ", "county", id="spaces"),
        pytest.param("housing_grade", " d 级", "D", id="small letters"),
        pytest.param("housing_grade", "ｃ级危房", "C", id="small and full-width"),
        pytest.param("medical_kind", "In_Patient", "in_patient", id="capitals"),
        pytest.param("sex", "１", "male", id="the standard's figure, full-width"),
        pytest.param("ethnic_group", "汉", "01", id="the short name of a people"),
        pytest.param("household_kind", "低保脱贫户", "lifted", id="an older classification"),
        pytest.param("relationship", "邻居", None, id="not of the list"),
    ],
)
def test_codes_are_found_as_offices_write_them(name: str, written: str, code: str | None) -> None:
    codes = code_lists()[name]
    assert codes.code_of(written) == code
    assert pl.DataFrame({"c": [written]}).select(codes.code_column(pl.col("c")))["c"].to_list() == [code]


def test_a_coded_field_takes_codes_only_and_its_schema_names_the_list() -> None:
    adapter: TypeAdapter[str] = TypeAdapter(Annotated[str, Coded("sex")])
    assert adapter.validate_python("female") == "female"
    assert adapter.json_schema() == {"type": "string", "enum": ["male", "female"], "x-code-list": "sex"}
    with pytest.raises(ValidationError, match="not a code of the list sex"):
        adapter.validate_python("女")


def test_an_unknown_code_is_its_own_label() -> None:
    assert code_lists()["sex"].label("0", "en") == "0"
