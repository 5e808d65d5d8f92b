from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, strategies as st
from pydantic import BaseModel, ValidationError

from shared.domain.money import Yuan, parse_yuan, round_to_cent, yuan_column

pytestmark = pytest.mark.check

WRITTEN = [
    pytest.param("1234.5", "1234.50", id="plain"),
    pytest.param("1,234.50元", "1234.50", id="thousands and unit"),
    pytest.param("１，２３４．５０元", "1234.50", id="full-width"),
    pytest.param("￥ 1 234", "1234.00", id="yuan sign and spaces"),
    pytest.param("人民币1.2万元整", "12000.00", id="ten thousands, in words around"),
    pytest.param("50万元人民币", "500000.00", id="the currency behind it"),
    pytest.param("1.5亿元", "150000000.00", id="hundreds of millions"),
    pytest.param("1,200元正", "1200.00", id="written to its end"),
    pytest.param("人民币壹仟贰佰元整", "1200.00", id="in signs, as on a receipt"),
    pytest.param("壹万零叁佰圆伍角捌分", "10300.58", id="in signs, with cents"),
    pytest.param("两千元", "2000.00", id="in signs, as people write"),
    pytest.param("十五元", "15.00", id="in signs, ten without a one"),
    pytest.param("一千二元", None, id="in signs, of which nobody knows the unit of the last"),
    pytest.param("一二元", None, id="in signs without units"),
    pytest.param("壹仟贰佰", None, id="in signs, of what it does not say"),
    pytest.param("0.015万", "150.00", id="a part of ten thousand"),
    pytest.param("-300", "-300.00", id="negative"),
    pytest.param("2.675", "2.68", id="half a cent goes up"),
    pytest.param("0.30000000000000004", "0.30", id="as a program writes it that adds binary fractions"),
    pytest.param("1,200.3000000000002元", "1200.30", id="the same among thousands"),
    pytest.param("-434.99999999999994", "-435.00", id="the same from below"),
    pytest.param("0.12000000000000001万元", "1200.00", id="the same in ten thousands"),
    pytest.param("0.123456000000000003万元", "1234.56", id="the same in ten thousands, to the cent"),
    pytest.param(f"{0.1:.55f}", "0.10", id="the same, digit by digit"),
    pytest.param("12.3000000000", "12.30", id="as a database writes it"),
    pytest.param("12.3450000000000006", None, id="the same, of half a cent"),
    pytest.param("12.3400100", None, id="seven decimals, too many for a cent"),
    pytest.param("0.0000001", None, id="less than any cent"),
    pytest.param("0.00000000", "0.00", id="nothing, as a database writes it"),
    pytest.param("0.1234567万", None, id="seven decimals of ten thousands"),
    pytest.param("1,23", None, id="a comma that parts no thousands"),
    pytest.param("约500", None, id="about"),
    pytest.param("500-600", None, id="a span"),
    pytest.param("1e5", None, id="scientific"),
    pytest.param("٣", None, id="digits of another script"),
    pytest.param("", None, id="nothing"),
]


@pytest.mark.parametrize(("written", "expected"), WRITTEN)
def test_amounts_as_offices_write_them(written: str, expected: str | None) -> None:
    assert parse_yuan(written) == (None if expected is None else Decimal(expected))


def column(written: list[str]) -> list[Decimal | None]:
    frame = pl.DataFrame({"amount": pl.Series(written, dtype=pl.String)})
    return list(frame.select(yuan_column(pl.col("amount")))["amount"])


@given(st.lists(st.text(alphabet="0123456789.,，-元万整￥¥ １壹二十佰零亿人民币", max_size=16), max_size=8))
def test_a_column_of_amounts_is_read_as_one_amount_at_a_time(written: list[str]) -> None:
    assert column(written) == [parse_yuan(text) for text in written]


@given(st.lists(st.decimals(-(10**11), 10**11, places=4).map(str), max_size=8))
def test_a_column_rounds_as_one_amount_does(written: list[str]) -> None:
    assert column(written) == [round_to_cent(Decimal(text)) for text in written]


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=30), st.sampled_from([1, -1]))
def test_what_a_program_adds_up_is_read_as_the_cents_that_it_means(cents: list[int], sign: int) -> None:
    written = repr(sign * sum(each / 100 for each in cents))
    expected = Decimal(sign * sum(cents)).scaleb(-2)
    assert [parse_yuan(written), *column([written])] == [expected] * 2


@given(
    st.lists(
        st.tuples(
            st.integers(0, 10**12 - 1),
            st.from_regex(r"[0-9]{0,2}(000|999|[0-9]{0,5})[0-9]{0,20}", fullmatch=True),
            st.sampled_from(["", "万", "亿"]),
        )
    )
)
def test_a_column_knows_such_tails_as_one_amount_does(parts: list[tuple[int, str, str]]) -> None:
    written = [f"{whole}.{decimals}{unit}" for whole, decimals, unit in parts]
    assert column(written) == [parse_yuan(text) for text in written]


class Payment(BaseModel):
    amount: Yuan


def test_money_travels_as_a_string_with_two_decimals() -> None:
    assert Payment(amount=Decimal(3)).model_dump_json() == '{"amount":"3.00"}'
    assert Payment.model_validate({"amount": "12.5"}).amount == Decimal("12.50")


@pytest.mark.parametrize("amount", ["1.234", "NaN", "Infinity", "1000000000000000", "12元"])
def test_what_is_no_amount_of_money_is_refused(amount: str) -> None:
    with pytest.raises(ValidationError):
        Payment.model_validate({"amount": amount})


def in_signs(number: int) -> str:
    """Write a number as a cashier does."""
    if number >= 10_000:
        unit, sign = (10**8, "亿") if number >= 10**8 else (10**4, "万")
        above, rest = divmod(number, unit)
        gap = "零" if rest and rest < unit // 10 else ""
        return in_signs(above) + sign + gap + (in_signs(rest) if rest else "")
    signs, waiting = "", ""
    for place, weight in zip(f"{number:04}", ["仟", "佰", "拾", ""], strict=True):
        if place == "0":
            waiting = "零" if signs else ""
        else:
            signs += waiting + "零壹贰叁肆伍陆柒捌玖"[int(place)] + weight
            waiting = ""
    return signs


@given(st.integers(1, 10**12 - 1))
def test_an_amount_in_signs_is_the_amount_that_a_cashier_wrote(amount: int) -> None:
    written = f"{in_signs(amount)}元整"
    assert [parse_yuan(written), *column([written])] == [Decimal(amount)] * 2
