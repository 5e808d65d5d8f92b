"""Who may hold a public-welfare post, and how pay stands: no I/O, no clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from pydantic import PositiveInt

from services.monitoring.assistance.errors import CannotWork
from services.monitoring.dates import months_after
from services.monitoring.limits import Limit
from services.monitoring.posts import errors
from services.monitoring.posts.schemas import Mark
from services.monitoring.replicas.model import PersonReplica
from services.monitoring.replicas.rules import ABLE, age_on, is_aged
from shared.domain.dated import DatedRule, Wording, in_force, read_rules

#: Work places (``work_place``) outside the county.
OUT_OF_COUNTY = frozenset({"province", "outside"})


class PostRule(DatedRule):
    """What holds for public-welfare posts from a day on."""

    youngest: PositiveInt
    oldest: PositiveInt
    pay_within: Limit
    flags: Mapping[str, Wording]

    def pay_due_on(self, month: date) -> date:
        """Return the last day on which pay for a month is in time."""
        return self.pay_within.ends(months_after(month, 1) - timedelta(days=1))

    def born_too_early(self, on: date) -> date:
        """Return the day on or before which somebody was born who is too old on a day."""
        return _years_before(on, self.oldest + 1)


def post_rule(on: date) -> PostRule:
    """Return the rule that holds in the whole country on a day."""
    return in_force(read_rules(PostRule, __package__, "rules.yaml"), on)[0]


def expect_appointable(person: PersonReplica, rule: PostRule, on: date) -> None:
    """Refuse who is not of age, cannot do the work, or works elsewhere."""
    if not is_aged(person, rule.youngest, rule.oldest, on):
        raise errors.NotOfPostAge(
            f"from {rule.youngest} to {rule.oldest} years",
            zh_detail=f"须年满{rule.youngest}至{rule.oldest}周岁",
        )
    if person.labour is not None and person.labour not in ABLE:
        raise CannotWork
    if person.work_place in OUT_OF_COUNTY:
        raise errors.WorksElsewhere


def flags_of(person: PersonReplica | None, rule: PostRule, today: date) -> Iterator[str]:
    """Give what speaks against the holder of a post; None is nobody whom the household knows."""
    if person is None or person.left_on is not None:
        yield "left_household"
        return
    if person.work_place in OUT_OF_COUNTY:
        yield "out_of_county"
    if (age_on(person.birth_date, today) or 0) > rule.oldest:
        yield "too_old"
    if person.labour is not None and person.labour not in ABLE:
        yield "cannot_work"


def mark_of(due_on: date, paid_on: date | None, today: date) -> Mark:
    """Tell how a month's pay stands."""
    if paid_on is None:
        return Mark.MISSING if today > due_on else Mark.OPEN
    return Mark.LATE if paid_on > due_on else Mark.PAID


def _years_before(on: date, years: int) -> date:
    try:
        return on.replace(year=on.year - years)
    except ValueError:
        # Whoever was born on 29 February is a year older on 1 March.
        return date(on.year - years, 2, 28)
