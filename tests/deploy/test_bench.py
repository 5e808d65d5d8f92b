"""The arithmetic of the measurements: what the figures would be worth nothing without."""

from __future__ import annotations

import csv
import io

import pytest
from stdnum.cn import ric

from deploy.bench.families import Families
from deploy.bench.harness import Goal, Measured, Pairs, alternate
from deploy.bench.load import outcome
from deploy.bench.run import together

VILLAGES = ["340621100201", "340621100202"]


def measured(name: str, ratio: float, goal: Goal) -> Measured:
    return Pairs([ratio], [1.0]).measured(name, goal, unit="1", data="")


async def test_runs_alternate_and_take_turns_in_beginning() -> None:
    order: list[str] = []

    async def run(name: str, figure: float) -> float:
        order.append(name)
        return figure

    pairs = await alternate(lambda: run("ours", 1.0), lambda: run("bare", 2.0), runs=3)

    assert order == ["ours", "bare", "bare", "ours", "ours", "bare"]
    assert pairs.ratios == [0.5, 0.5, 0.5]


def test_the_ratio_is_the_median_of_the_pairs_not_the_ratio_of_the_medians() -> None:
    pairs = Pairs(ours=[10.0, 100.0, 20.0], yardstick=[10.0, 400.0, 40.0])

    found = pairs.measured("read", Goal(0.5), unit="requests/s", data="")

    assert found.ratio == 0.5
    assert found.spread == (1.0 - 0.25) / 0.5
    assert (found.ours, found.yardstick, found.runs) == (20.0, 40.0, 3)


@pytest.mark.parametrize(
    ("goal", "ratio", "met"),
    [
        pytest.param(Goal(0.5), 0.5, True, id="at least: the goal itself is reached"),
        pytest.param(Goal(0.5), 0.4999, False, id="at least: nothing is rounded up"),
        pytest.param(Goal(0.6, at_most=True), 0.6, True, id="at most: the goal itself is reached"),
        pytest.param(Goal(0.6, at_most=True), 0.61, False, id="at most: more is missed"),
    ],
)
def test_a_goal_is_met_or_missed(goal: Goal, ratio: float, *, met: bool) -> None:
    assert goal.met_by(ratio) is met
    assert (goal.reached_by(ratio) >= 1) is met


def test_a_difference_is_bounded_as_a_ratio_is() -> None:
    found = Pairs([2.5, 2.4], [2.0, 2.0]).measured(
        "gateway", Goal(0.6, at_most=True), unit="ms", data="", by=lambda through, direct: through - direct
    )

    assert found.ratio == pytest.approx(0.45)
    assert found.met


def test_what_is_written_has_the_agreed_fields() -> None:
    written = measured("read", 0.31, Goal(0.5)).as_json()

    agreed = {
        "name",
        "ratio",
        "goal",
        "met",
        "ours",
        "yardstick",
        "unit",
        "runs",
        "spread",
        "data",
        "machine",
    }
    assert agreed <= written.keys()
    assert (written["goal"], written["met"]) == (0.5, False)


def test_a_benchmark_of_several_figures_is_told_by_the_one_furthest_from_its_goal() -> None:
    parts = [
        measured("events.relay", 0.9, Goal(0.6)),
        measured("events.p99", 0.6, Goal(0.5, at_most=True)),
        measured("events.consume", 1.0, Goal(0.8)),
    ]

    written = together("events", parts)

    assert (written["name"], written["ratio"], written["met"]) == ("events", 0.6, False)
    assert [part["met"] for part in written["parts"]] == [True, False, True]


def test_waits_are_summed_up() -> None:
    found = outcome([0.001 * number for number in range(1, 101)], seconds=2.0)

    assert found.per_second == 50
    assert [found.p50_ms, found.p99_ms] == pytest.approx([51.0, 100.0])


def test_drawn_families_have_valid_numbers_that_come_once() -> None:
    families = Families(VILLAGES)
    files = [families.draw(4000), families.draw(4000)]

    rows = [row for file in files for row in csv.DictReader(io.StringIO(file.content.decode()))]
    numbers = [row["证件号码"] for row in rows]

    assert len(set(numbers)) == len(numbers) == sum(file.people for file in files)
    assert all(number[-1] == ric.calc_check_digit(number) for number in numbers)
    assert len({number for file in files for number in file.numbers}) == 8000
    assert [row["户编号"] for row in rows if row["与户主关系"] == "户主"] == [
        number for file in files for number in file.numbers
    ]
