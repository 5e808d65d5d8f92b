from collections.abc import Callable

import pytest
from hypothesis import given, strategies as st

from shared.crypto.masking import mask_bank_card, mask_identity_number, mask_name, mask_phone

pytestmark = pytest.mark.check
Mask = Callable[[str | None], str | None]


@pytest.mark.parametrize(
    ("mask", "value", "shown"),
    [
        pytest.param(
            mask_identity_number, "34062119850712028X", "34**************8X", id="an identity number"
        ),
        pytest.param(mask_phone, "13856141234", "138******34", id="a phone"),
        pytest.param(mask_bank_card, "6217001234567890123", "***************0123", id="a bank card"),
        pytest.param(mask_name, "王建国", "王**", id="a name"),
        pytest.param(mask_name, "王", "王*", id="a name of one character"),
        pytest.param(mask_phone, "1385", "****", id="too short to show a part"),
        pytest.param(mask_phone, None, None, id="no value"),
        pytest.param(mask_name, "", "", id="an empty value"),
    ],
)
def test_what_is_shown(mask: Mask, value: str | None, shown: str | None) -> None:
    assert mask(value) == shown


@given(st.text(alphabet="0123456789X", min_size=1, max_size=30))
def test_no_more_than_four_signs_of_an_identity_number_are_shown_and_its_length_is_kept(number: str) -> None:
    masked = mask_identity_number(number)
    assert masked is not None
    assert len(masked) == len(number)
    assert sum(sign != "*" for sign in masked) <= 4
