"""Names in letters."""

from __future__ import annotations

import pytest

from shared.domain.pinyin import initials, pinyin, place_initials, place_pinyin


@pytest.mark.check
@pytest.mark.parametrize(
    ("name", "letters", "first"),
    [
        ("王建国", "wangjianguo", "wjg"),
        ("单 雄信", "shanxiongxin", "sxx"),
        ("尉迟恭", "yuchigong", "ycg"),
        ("吕布", "lvbu", "lb"),
        ("买买提·吐尔逊", "maimaitituerxun", "mmttex"),
        ("Ａnna李", "annali", "annal"),
    ],
)
def test_a_persons_name(name: str, letters: str, first: str) -> None:
    assert (pinyin(name), initials(name)) == (letters, first)


@pytest.mark.check
def test_a_places_name_has_no_surname_in_front() -> None:
    assert (place_pinyin("单楼村"), place_initials("濉溪县")) == ("danloucun", "sxx")
