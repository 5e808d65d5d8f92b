import polars as pl
import pytest
from hypothesis import given, strategies as st

from shared.domain.matching import same_name
from shared.domain.person_name import comparable, comparable_column, normalise, normalised_column, variants

pytestmark = pytest.mark.check


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param(" 王　建国 ", "王建国", id="spaces of both widths"),
        pytest.param("阿依古丽•买买提", "阿依古丽·买买提", id="bullet"),
        pytest.param("阿依古丽．买买提", "阿依古丽·买买提", id="full-width full stop"),
        pytest.param("阿依古丽・买买提", "阿依古丽·买买提", id="Japanese middle dot"),
        pytest.param("阿依古丽●买买提", "阿依古丽·买买提", id="black circle"),
        pytest.param("阿依古丽ㆍ买买提", "阿依古丽·买买提", id="Korean middle dot"),
        pytest.param("阿依古丽˙买买提", "阿依古丽·买买提", id="dot above"),
        pytest.param("阿依古丽▪买买提", "阿依古丽·买买提", id="small square"),
        pytest.param("阿依古丽⸱买买提", "阿依古丽·买买提", id="word separator"),
        pytest.param("ＡＮＮＡ", "ANNA", id="full-width letters"),
        pytest.param("\ufeff李四\u200b", "李四", id="signs without width"),
        pytest.param("王五。", "王五", id="a full stop typed behind"),
    ],
)
def test_names_are_written_one_way(written: str, expected: str) -> None:
    assert normalise(written) == expected
    assert normalise(expected) == expected


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param("张国华", "張國華", True, id="traditional characters"),
        pytest.param("买买提·艾力", "買買提·艾力", True, id="a traditional character twice"),
        pytest.param("许萧卢谭严陆", "許蕭盧譚嚴陸", True, id="families in traditional characters"),
        pytest.param("于得水", "於得水", False, id="two families of today, once one character"),
        pytest.param("钱锺书", "錢鍾書", True, id="a character that was given back"),
        pytest.param("李堃", "李坤", True, id="a character that systems once could not write"),
        pytest.param("王海峯", "王海峰", True, id="two forms of one character"),
        pytest.param("阿依古丽·买买提", "阿依古丽买买提", True, id="the middle dot left out"),
        pytest.param("anna", "ＡＮＮＡ", True, id="letters of another case and width"),
        pytest.param("张伟", "章伟", False, id="same sound, other family"),
        pytest.param("王芳", "王芬", False, id="one character differs"),
        pytest.param("王芳", "王芳芳", False, id="one character more"),
    ],
)
def test_same_name(one: str, other: str, *, same: bool) -> None:
    assert same_name(one, other) is same
    assert same_name(other, one) is same


def test_what_a_variant_means_is_none_itself_so_that_keys_can_be_mended_at_once() -> None:
    known = variants()
    assert len(known) > 2900
    assert {len(sign) for pair in known.items() for sign in pair} == {1}
    assert not known.keys() & set(known.values())
    assert [sign for sign in known if normalise(sign) != sign] == []


@given(st.lists(st.text(alphabet="王李张張峯峰堃坤許许買龥-]・•．. 　·aＡ。●ㆍ˙▪⸱ȧ", max_size=8), max_size=8))
def test_a_column_of_names_is_read_as_one_name_at_a_time(names: list[str]) -> None:
    frame = pl.DataFrame({"name": pl.Series(names, dtype=pl.String)})
    written, compared = normalised_column(pl.col("name")), comparable_column(pl.col("name"))
    assert frame.select(written)["name"].to_list() == [normalise(name) for name in names]
    assert frame.select(compared)["name"].to_list() == [comparable(name) for name in names]
