"""A year of departments' data, and whom it must warn of: by the words of the rule documents.

The reckoning is the slow and obvious one. It is given rows as the departments meant them, never as they wrote them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from services.monitoring.datasets.periods import parse_period
from tests.services.monitoring.comparing import as_csv
from tests.services.monitoring.conftest import VILLAGE

HEADERS = {
    "medical_expense": ["姓名", "身份证号", "自付金额", "医疗类别"],
    "relief": ["姓名", "身份证号", "救助金额", "原因"],
    "dropout": ["姓名", "身份证号", "缺课天数", "情况说明"],
    "vehicle": ["姓名", "身份证号", "车辆价值", "车型"],
}
#: Over how much a person of a class pays by themselves (医保年度累计自付、十二个月累计自付).
PAID_OVER = {"destitute": 1000, "minimum_living": 5000, "lifted": 15000, "general": 15000}
#: Senders of a town, of which one village is played: whoever has gone elsewhere since, they do not know.
REACH = {"town-clinic": VILLAGE}
Alert = tuple[str, str, str]
Rule = tuple[str, int, Callable[["Year", str, str], Decimal | None]]


@dataclass
class Person:
    """Somebody of the registry."""

    name: str
    number: str
    village: str
    #: A class of person that their household makes them one of.
    of: str
    #: Since when they are dead.
    left_on: date | None = None
    #: A name that departments still write, and the registry does not.
    former: str | None = None


@dataclass
class Row:
    """A row as it was meant; of a spoilt one, what it was meant to say does not count."""

    number: str | None
    value: Decimal
    cells: list[str]
    #: As the registry knew them when the row was compared, None where it did not.
    who: str | None = None
    #: The same of somebody who had left by then.
    gone: str | None = None

    def compare(self, people: dict[str, Person], reach: str | None) -> None:
        """Find whom it is about, within the village of which the sender may tell, if not of all."""
        person = people.get(self.number or "")
        if person and reach not in {None, person.village}:
            person = None
        same = person is not None and self.cells[0].replace(" ", "") == person.name
        known = self.number if same else None
        self.who, self.gone = (None, known) if person and person.left_on else (known, None)


@dataclass
class Batch:
    """A batch, in the order in which batches took effect."""

    dataset: str
    sender: str
    period: str
    rows: list[Row]
    counts: bool = True

    @property
    def people(self) -> set[str]:
        """Of whom it tells."""
        return {row.who for row in self.rows if row.who}

    def told(self, *, after_death: bool) -> set[str]:
        """Of whom it tells that are there, or that have left."""
        return {row.gone for row in self.rows if row.gone} if after_death else self.people

    @property
    def file(self) -> bytes:
        """What is sent."""
        return as_csv([row.cells for row in self.rows], headers=HEADERS[self.dataset])


@dataclass
class Year:
    """The registry, the batches so far, and whom they must have warned of."""

    people: dict[str, Person]
    batches: list[Batch] = field(default_factory=list)
    #: Rule, window and number: the period of the warning, and the sum of then.
    alerts: dict[Alert, tuple[str, Decimal]] = field(default_factory=dict)

    def take(self, batch: Batch) -> Batch | None:
        """Let a batch count; returns the one whose place it takes."""
        for row in batch.rows:
            row.compare(self.people, REACH.get(batch.sender))
        earlier = next((each for each in self.counting(batch.dataset) if _same(each, batch)), None)
        if earlier:
            earlier.counts = False
        self.batches.append(batch)
        self._reckon(batch, *([earlier] if earlier else []))
        return earlier

    def withdraw(self, batch: Batch) -> None:
        """Let a batch count no more."""
        batch.counts = False
        self._reckon(batch)

    def counting(self, dataset: str) -> Iterator[Batch]:
        """Give the batches of a dataset that count."""
        return (each for each in self.batches if each.counts and each.dataset == dataset)

    def _reckon(self, news: Batch, *replaced: Batch) -> None:
        """Judge anew all periods for which it may be news: by rules about the present, and about who has left."""
        for after_death in (False, True):
            told = {who for each in (news, *replaced) for who in each.told(after_death=after_death)}
            rules = {rule: RULES[rule] for rule in RULES if (rule in AFTER_DEATH) is after_death}
            rules = {rule: each for rule, each in rules.items() if each[0] == news.dataset}
            for who in told:
                self._judge(news, who, rules)

    def _judge(self, news: Batch, who: str, rules: Mapping[str, Rule]) -> None:
        """Judge anew what is said of somebody: whoever has left is warned of no more."""
        for (rule, window, about), (period, _) in list(self.alerts.items()):
            if about == who and rule in rules and _reaches(rules[rule][1], news, period):
                del self.alerts[rule, window, about]
        # One by one: a rule may ask for what those before it say.
        for rule in [each for each in rules if each in self.about(who)]:
            for alert, told in self.due(who, {rule: rules[rule]}).items():
                if _reaches(rules[rule][1], news, told[0]):
                    self.alerts.setdefault(alert, told)

    def about(self, who: str) -> Mapping[str, Rule]:
        """Return the rules that are about somebody as they are now."""
        is_gone = self.people[who].left_on is not None
        return {rule: each for rule, each in RULES.items() if (rule in AFTER_DEATH) is is_gone}

    def due(self, who: str, rules: Mapping[str, Rule]) -> dict[Alert, tuple[str, Decimal]]:
        """Return what rules must warn of about somebody, with the first period of each window in which they do."""
        found: dict[Alert, tuple[str, Decimal]] = {}
        for rule, (dataset, years, judge) in rules.items():
            counting = [
                each for each in self.counting(dataset) if who in each.told(after_death=rule in AFTER_DEATH)
            ]
            for period in sorted({each.period for each in counting}):
                if (sum_ := judge(self, who, period)) is not None:
                    found.setdefault((rule, period[:4] if years else period, who), (period, sum_))
        return found

    def rows(self, who: str, dataset: str, since: str, until: str) -> list[Decimal]:
        """Return what counts about somebody from a period to another one."""
        return [
            row.value
            for batch in self.counting(dataset)
            if since <= batch.period <= until
            for row in batch.rows
            if row.who == who
        ]


def _reaches(years: int, news: Batch, period: str) -> bool:
    """Tell whether a batch may be news for a rule's sum of a period: its own, or a later one of so many years."""
    later = period >= news.period and int(period[:4]) - int(news.period[:4]) < years
    return period == news.period or later


def _same(one: Batch, other: Batch) -> bool:
    return (one.sender, one.period) == (other.sender, other.period)


def _year(year: Year, who: str, period: str) -> Decimal | None:
    """本年累计个人自付 over the threshold of the class."""
    paid = sum(year.rows(who, "medical_expense", f"{period[:4]}-01", period), Decimal(0))
    return paid if paid > PAID_OVER[year.people[who].of] else None


def _twelve_months(year: Year, who: str, period: str) -> Decimal | None:
    """近十二个月累计个人自付 over it, unless this year's sum is so by itself, or last year's told it (from 2022 on)."""
    last_year = str(int(period[:4]) - 1)
    if period >= "2022" and ("medical_year", last_year, who) in year.alerts:
        return None
    first = f"{int(period[:4]) - 1}-{int(period[5:]) + 1:02}" if period[5:] < "12" else f"{period[:4]}-01"
    paid = sum(year.rows(who, "medical_expense", first, period), Decimal(0))
    over = paid > PAID_OVER[year.people[who].of] and _year(year, who, period) is None
    return paid if over else None


def _relief(year: Year, who: str, period: str) -> Decimal | None:
    """一年内多次临时救助: three times or more."""
    times = len(year.rows(who, "relief", f"{period[:4]}-01", period))
    return Decimal(times) if times >= 3 else None


def _after_death(year: Year, who: str, period: str) -> Decimal | None:
    """死亡后发放临时救助: a record is enough, of whoever died 31 days or more before the period's end."""
    told, left_on = parse_period(period), year.people[who].left_on
    assert told is not None
    counting = [batch for batch in year.counting("relief") if batch.period == period]
    records = sum(row.gone == who for batch in counting for row in batch.rows)
    return Decimal(records) if records and left_on and (told.last - left_on).days >= 31 else None


def _dropout(year: Year, who: str, period: str) -> Decimal | None:
    """疑似失学辍学: a record is enough."""
    return Decimal(len(year.rows(who, "dropout", period, period))) or None


def _vehicle(year: Year, who: str, period: str) -> Decimal | None:
    """名下有消费型车辆: one of more than 50,000."""
    dearest = max(year.rows(who, "vehicle", period, period))
    return dearest if dearest > 50_000 else None


#: Rule: dataset, over how many calendar years it sums (none: it looks at a period; else it warns once a year), and when
#: it hits, with the figure that it tells.
RULES: dict[str, Rule] = {
    "medical_year": ("medical_expense", 1, _year),
    "medical_twelve_months": ("medical_expense", 2, _twelve_months),
    "relief_repeated": ("relief", 1, _relief),
    "relief_after_death": ("relief", 0, _after_death),
    "dropout_reported": ("dropout", 0, _dropout),
    "owns_vehicle": ("vehicle", 0, _vehicle),
}
#: Rules about whoever has left; the others are about who is there.
AFTER_DEATH = frozenset({"relief_after_death"})
#: Of a hit's facts, the one that the reckoning tells.
FIGURES = {
    "medical_year": "self_paid",
    "medical_twelve_months": "self_paid",
    "relief_repeated": "paid",
    "relief_after_death": "paid",
    "dropout_reported": "reported",
    "owns_vehicle": "value",
}
