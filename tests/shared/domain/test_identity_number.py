from datetime import date

import polars as pl
import pytest
from hypothesis import example, given, settings, strategies as st
from stdnum.cn import ric

from shared.domain import disability_card, identity_number
from shared.domain.identity_number import FAULTS, IdentityNumber, IdentityNumberFault
from shared.domain.identity_numbers import judged, with_identity_numbers

pytestmark = pytest.mark.check

VALID = "340621198507121231"
ENDS_IN_X = "34062119850712028X"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param(VALID, VALID, id="as it should be"),
        pytest.param(ENDS_IN_X.lower(), ENDS_IN_X, id="lower-case x"),
        pytest.param("340621850712123", VALID, id="fifteen digits of an old card"),
        pytest.param("３４０６２１１９８５０７１２０２８ｘ", ENDS_IN_X, id="full-width digits and x"),
        pytest.param(" 340621 19850712 1231 ", VALID, id="spaces around and between"),
        pytest.param("'340621198507121231", VALID, id="Excel's text quote in front"),
        pytest.param("‘340621198507121231’", VALID, id="Chinese quotes"),
        pytest.param("340621-19850712-1231", VALID, id="hyphens between"),
        pytest.param(
            "\ufeff3406211985\u200b07121231\u3000", VALID, id="byte order mark and signs without width"
        ),
        pytest.param("340621198507121231\t\r\n", VALID, id="tab and line break behind"),
    ],
)
def test_what_offices_write_is_put_right(written: str, expected: str) -> None:
    assert identity_number.parse(written).number == expected


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        pytest.param("", "empty", id="nothing"),
        pytest.param(" \u3000'", "empty", id="only blanks and a quote"),
        pytest.param("无", "empty", id="none"),
        pytest.param("／", "empty", id="a stroke"),
        pytest.param("——", "empty", id="a dash"),
        pytest.param("3.40621E+17", "scientific_notation", id="Excel shows a figure"),
        pytest.param("3.40621198507121e17", "scientific_notation", id="a program writes a figure"),
        pytest.param("340621198507121000", "scientific_notation", id="the last three digits are lost"),
        pytest.param("340621198507121231.0", "scientific_notation", id="a floating-point number"),
        pytest.param("34062119850712123", "bad_length", id="a digit is missing"),
        pytest.param("3406211985071212311", "bad_length", id="a digit too many"),
        pytest.param("34062119850712123A", "bad_characters", id="a letter other than X at the end"),
        pytest.param("34062119850712I231", "bad_characters", id="a capital I for a one"),
        pytest.param("34062119850712123٣", "bad_characters", id="an Arabic digit"),
        pytest.param("34062185071212X", "bad_characters", id="fifteen characters that are not all digits"),
        pytest.param("990621198507121231", "unknown_region", id="no province begins with 99"),
        pytest.param("340621198502301231", "impossible_date", id="30 February"),
        pytest.param("340621850230123", "impossible_date", id="30 February on an old card"),
        pytest.param("340621188507121231", "impossible_date", id="born in 1885"),
        pytest.param("340621198507121232", "wrong_check_digit", id="wrong check digit"),
        pytest.param("340621198507121321", "wrong_check_digit", id="two digits changed places"),
    ],
)
def test_what_cannot_be_put_right_is_refused_with_its_reason(written: str, fault: str) -> None:
    with pytest.raises(IdentityNumberFault) as refused:
        identity_number.parse(written)
    assert refused.value.fault == fault
    assert (refused.value.zh, str(refused.value)) == FAULTS[refused.value.fault]


def test_three_zeros_at_the_end_stand_where_the_check_digit_agrees() -> None:
    written = [f"340621198507{day:02}{order}000" for day in range(1, 29) for order in range(10)]
    correct = [number for number in written if ric.calc_check_digit(number) == "0"]
    assert correct
    assert [identity_number.parse(number).number for number in correct] == correct


def test_a_number_tells_birth_date_and_sex_and_whether_the_card_is_old() -> None:
    man, woman = identity_number.parse("340621850712123"), identity_number.parse(ENDS_IN_X)
    assert (man.birth_date, man.sex, man.was_fifteen) == (date(1985, 7, 12), "male", True)
    assert (woman.sex, woman.was_fifteen) == ("female", False)


def test_the_words_of_a_refusal_never_hold_the_number() -> None:
    with pytest.raises(IdentityNumberFault) as refused:
        identity_number.parse("340621198507121232")
    assert "340621" not in repr(refused.value)


def made_of(region: str, born: date, order: int) -> str:
    seventeen = f"{region}{born:%Y%m%d}{order:03}"
    return seventeen + str(ric.calc_check_digit(f"{seventeen}?"))


births = st.dates(date(1900, 1, 1), date(2026, 12, 31))
valid_numbers = st.builds(
    made_of, st.sampled_from(["340621", "110101", "659004", "830000"]), births, st.integers(0, 999)
)
DIRT = [
    "",
    " ",
    "'",
    "\u3000",
    "\ufeff",
    "·",
    "-",
    "\u200b",
    "x",
    "X",
    "Ｘ",
    "1",
    "１",
    "٣",
    "E",
    "+",
    ".",
    "元",
    "\x1c",
    "\x85",
    "0",
]


@given(valid_numbers)
def test_every_well_made_number_is_taken_as_it_is(number: str) -> None:
    assert identity_number.parse(number) == IdentityNumber(number)


@given(valid_numbers, st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_never_passes(number: str, position: int, shift: int) -> None:
    wrong = number[:position] + str((int(number[position]) + shift) % 10) + number[position + 1 :]
    with pytest.raises(IdentityNumberFault):
        identity_number.parse(wrong)


def verdict(written: str) -> tuple[str | None, str | None, date | None, str | None, bool]:
    try:
        found = identity_number.parse(written)
    except IdentityNumberFault as refused:
        return None, refused.fault, None, None, False
    return found.number, None, found.birth_date, found.sex, found.was_fifteen


@st.composite
def as_people_write(draw: st.DrawFn) -> str:
    number = draw(valid_numbers)
    number = draw(
        st.sampled_from([number, number[:6] + number[8:17], number[:17], number[:15] + "000", number.lower()])
    )
    for _ in range(draw(st.integers(0, 3))):
        position = draw(st.integers(0, len(number)))
        cut = draw(st.integers(0, 1))
        number = number[:position] + draw(st.sampled_from(DIRT)) + number[position + cut :]
    return number


digits_like = st.text(alphabet="0123456789xXeE+.-' ０９", max_size=22)


@settings(max_examples=400)
@given(st.lists(as_people_write() | digits_like | st.text(max_size=20), max_size=20))
@example(["", "3.40621E+17", "340621198502291231", "340621850712123", "34062185071212X"])
@example(["340621000000001231", "340621198513011231", "34062119850712123x", "ＥＥ"])
# Eighteen bytes that are no digits: taken for some they would count for hundreds.
@example(
    ["三四〇六二一", "zz0621198507121231", "340621zzzz07121231", "340621198507zz1231", "3406211985071212é"]
)
def test_a_column_gets_the_same_verdicts_as_one_number_at_a_time(written: list[str]) -> None:
    frame = judged(pl.Series("written", written, dtype=pl.String))
    assert frame.rows() == [verdict(text) for text in written]


def test_a_column_of_figures_is_read_too_and_null_is_empty() -> None:
    assert judged(pl.Series([340621198507121231, None]))["fault"].to_list() == [None, "empty"]
    assert judged(pl.Series([3.40621198507121e17]))["fault"].to_list() == ["scientific_notation"]


def test_the_frame_keeps_its_columns_beside_the_verdicts() -> None:
    frame = with_identity_numbers(pl.DataFrame({"line": [7], "身份证号": [VALID]}), "身份证号")
    assert frame.columns == ["line", "身份证号", "number", "fault", "birth_date", "sex", "fifteen"]
    assert frame.row(0)[2:] == (VALID, None, date(1985, 7, 12), "male", False)


def test_disability_cards_tell_person_kind_and_grade() -> None:
    card = disability_card.parse(f" {ENDS_IN_X.lower()}42 ")
    assert (card.person.number, card.kind, card.grade, card.reissue) == (ENDS_IN_X, "4", "2", None)
    assert disability_card.parse(f"{VALID}11b1").reissue == "B1"


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(VALID, id="only an identity number"),
        pytest.param(f"{VALID}81", id="there is no kind 8"),
        pytest.param(f"{VALID}15", id="there is no grade 5"),
        pytest.param(f"{VALID}111", id="twenty-one characters"),
    ],
)
def test_what_is_no_disability_card_is_refused(written: str) -> None:
    with pytest.raises(disability_card.NotADisabilityCard):
        disability_card.parse(written)


def test_a_disability_card_of_an_impossible_person_is_refused_as_the_person_would_be() -> None:
    with pytest.raises(IdentityNumberFault):
        disability_card.parse("34062119850712123211")
