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
    pytest.param("0.015万", "150.00", id="a part of ten thousand"),
    pytest.param("-300", "-300.00", id="negative"),
    pytest.param("2.675", "2.68", id="half a cent goes up"),
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


@given(st.lists(st.text(alphabet="0123456789.,，-元万整￥¥ １", max_size=16), max_size=8))
def test_a_column_of_amounts_is_read_as_one_amount_at_a_time(written: list[str]) -> None:
    assert column(written) == [parse_yuan(text) for text in written]


@given(st.lists(st.decimals(-(10**11), 10**11, places=4).map(str), max_size=8))
def test_a_column_rounds_as_one_amount_does(written: list[str]) -> None:
    assert column(written) == [round_to_cent(Decimal(text)) for text in written]


class Payment(BaseModel):
    amount: Yuan


def test_money_travels_as_a_string_with_two_decimals() -> None:
    assert Payment(amount=Decimal(3)).model_dump_json() == '{"amount":"3.00"}'
    assert Payment.model_validate({"amount": "12.5"}).amount == Decimal("12.50")


@pytest.mark.parametrize("amount", ["1.234", "NaN", "Infinity", "1000000000000000", "12元"])
def test_what_is_no_amount_of_money_is_refused(amount: str) -> None:
    with pytest.raises(ValidationError):
        Payment.model_validate({"amount": amount})
