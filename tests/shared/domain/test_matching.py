"""One judge of who is one person: each agreement, what they come to, and how often it is right on made-up people."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from datetime import date
from functools import cache
from uuid import UUID

import pytest

from shared.domain.matching import REVIEW_FROM, Facts, Match, compare, keys_of
from shared.domain.matching.agreement import How, birth_dates, names, numbers
from tests.shared.domain.made_up_people import Maker, Registry, sharing_a_key
from tests.shared.domain.made_up_slips import checked

pytestmark = pytest.mark.check

SEED, HOUSEHOLDS, DOUBLED = 20211123, 4000, 1800
#: Share of the pairs of a slip that must be found. A name with one other sign and no number, or a birthday by the
#: lunar calendar and none, is found only where the rest speaks for it: asking about all of them is asking of strangers.
FLOORS = {
    "another writing": 0.95,
    "same sound": 0.55,
    "one sign of the name": 0.4,
    "one digit of the number": 0.97,
    "two digits swapped": 0.93,
    "wrong year": 0.97,
    "wrong day": 0.97,
    "no number": 0.93,
    "two numbers": 0.8,
    "lunar birthday, no number": 0.35,
    "same sound and one digit": 0.8,
    "one sign and one digit": 0.35,
}


@pytest.mark.parametrize(
    ("one", "other", "how"),
    [
        ("王建国", " 王 建国", How.SAME),
        ("王建国", "王建國", How.VARIANT),
        ("李堃", "李坤", How.VARIANT),
        ("阿依古丽·买买提", "阿依古丽买买提", How.VARIANT),
        ("张伟", "章伟", How.SAME_PINYIN),
        ("王建国", "wangjianguo", How.SAME_PINYIN),
        ("王建国", "王建军", How.ONE_SIGN),
        ("王建国", "王国", How.ONE_SIGN),
        ("王伟", "李伟", How.DIFFERENT),
        ("王芳", "王建国", How.DIFFERENT),
    ],
)
def test_how_names_agree(one: str, other: str, how: How) -> None:
    assert names(one, other) is names(other, one) is how


HOME = UUID(int=1)
NUMBER = checked("34062119650101123")
OLD = "340621650101123"


@pytest.mark.parametrize(
    ("other", "how"),
    [
        pytest.param(f" {NUMBER} ", How.SAME, id="as it is"),
        pytest.param(OLD, How.WIDENED, id="fifteen digits of the same number"),
        pytest.param(checked("34062119750101123"), How.ONE_DIGIT, id="a digit of the year"),
        pytest.param("341621650101123", How.ONE_DIGIT, id="a digit, and written with fifteen"),
        pytest.param(checked("34062119651001123"), How.TRANSPOSED, id="two digits changed places"),
        pytest.param(checked("34062119650101789"), How.ORDER, id="born on one day in one county"),
        pytest.param(checked("32032219700505246"), How.DIFFERENT, id="another person's"),
        pytest.param("E1234567", How.DIFFERENT, id="a passport"),
    ],
)
def test_how_numbers_agree(other: str, how: How) -> None:
    assert numbers(NUMBER, other) is numbers(other, NUMBER) is how


@pytest.mark.parametrize(
    ("other", "how"),
    [
        (date(1965, 3, 12), How.SAME),
        (date(1965, 12, 3), How.TRANSPOSED),
        (date(1956, 3, 12), How.TRANSPOSED),
        (date(1975, 3, 12), How.ONE_DIGIT),
        (date(1965, 4, 20), How.NEAR),
        (date(1980, 7, 1), How.DIFFERENT),
    ],
)
def test_how_birth_dates_agree(other: date, how: How) -> None:
    assert birth_dates(date(1965, 3, 12), other) is birth_dates(other, date(1965, 3, 12)) is how


def test_a_score_is_explained_field_by_field() -> None:
    one = Facts("欧阳海川", date(1965, 1, 1), "male", NUMBER, "340621100001")
    match = compare(one, replace(one, number=None))
    assert {each.field: each.how for each in match.agreements} == {
        "name": How.SAME,
        "birth_date": How.SAME,
        "sex": How.SAME,
        "place": How.SAME_VILLAGE,
    }
    assert match.score > 0.99
    assert all(each.bits > 0 for each in match.agreements)


def test_a_rare_name_says_more_than_a_common_one() -> None:
    common = Facts("王伟", date(1985, 6, 1), "male", None, "340621100001")
    rare = replace(common, name="尉迟海川")
    of_common, of_rare = (
        compare(each, replace(each, division_code="340621101001")).score for each in (common, rare)
    )
    assert of_rare > of_common


def test_twins_are_two_people() -> None:
    one = Facts("李子涵", date(2015, 6, 1), "female", checked("34062120150601122"), "340621100001", HOME)
    other = replace(one, name="李子萱", number=checked("34062120150601124"))
    assert compare(one, other).score < 0.05


@cache
def seen() -> tuple[Registry, dict[tuple[int, int], Match]]:
    """Judge a made-up registry: every pair that shares a key."""
    registry = Maker(SEED).registry(HOUSEHOLDS, DOUBLED)
    pairs = sharing_a_key((keys_of(each) for each in registry.records), most=60)
    return registry, {pair: compare(*(registry.records[at] for at in pair)) for pair in pairs}


def test_precision_and_recall_on_made_up_people() -> None:
    registry, judged = seen()
    raised = {pair for pair, match in judged.items() if match.score >= REVIEW_FROM}
    right = raised & registry.twice.keys()
    precision, recall = len(right) / len(raised), len(right) / len(registry.twice)
    of_slip = Counter(registry.twice.values())
    found = Counter(registry.twice[pair] for pair in right)
    sys.stdout.write(_table(registry, judged, raised))
    assert precision >= 0.97
    assert recall >= 0.8
    shares = {slip: found[slip] / count for slip, count in of_slip.items()}
    assert {slip: share for slip, share in shares.items() if share < FLOORS[slip]} == {}


@pytest.mark.parametrize(
    ("what", "at_most"),
    [("twins", 0.02), ("father and son of one name", 0.02), ("two of a common name, born on one day", 0.2)],
)
def test_people_who_only_look_alike_are_rarely_asked_about(what: str, at_most: float) -> None:
    registry, judged = seen()
    pairs = [pair for pair, kind in registry.alike.items() if kind == what]
    asked = [pair for pair in pairs if pair in judged and judged[pair].score >= REVIEW_FROM]
    assert len(pairs) > 50
    assert len(asked) <= at_most * len(pairs)


def test_keys_leave_few_pairs_to_weigh() -> None:
    registry, judged = seen()
    assert len(judged) < 4 * len(registry.twice)


def _table(registry: Registry, judged: dict[tuple[int, int], Match], raised: set[tuple[int, int]]) -> str:
    lines = [f"\n{len(registry.records)} records, {len(judged)} pairs weighed"]
    for at_least in (0.2, REVIEW_FROM, 0.8, 0.95):
        taken = {pair for pair, match in judged.items() if match.score >= at_least}
        right = len(taken & registry.twice.keys())
        lines.append(
            f"score >= {at_least:.2f}: {len(taken):5} pairs, precision {right / len(taken):.3f}, "
            f"recall {right / len(registry.twice):.3f}"
        )
    for title, pairs in (("twice", registry.twice), ("alike", registry.alike)):
        for kind, count in sorted(Counter(pairs.values()).items()):
            hits = sum(1 for pair in raised if pairs.get(pair) == kind)
            lines.append(f"{title}  {kind:<40}{count:5} raised {hits:4}  {hits / count:.2f}")
    return "\n".join(lines)
