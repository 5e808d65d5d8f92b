"""What is counted. A report is a list of figures; a figure is a table, a condition and a way to add up.

The same definition counts and traces, so a number and the list behind it cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, true
from sqlmodel import SQLModel, col

from services.reporting.projections.model import (
    CaseFact,
    ClueFact,
    ComparisonFact,
    FindingFact,
    HouseholdFact,
    MeasureFact,
    MonitoredFact,
    VisitFact,
)

Condition = Callable[[date], ColumnElement[bool]]


def _always(_on: date) -> ColumnElement[bool]:
    return true()


def _is(column: Any, *values: str) -> Condition:
    return lambda _on: col(column).in_(values)


def _overdue(on: date) -> ColumnElement[bool]:
    return and_(_open(on), col(FindingFact.deadline_on) < on)


def _open(_on: date) -> ColumnElement[bool]:
    return col(FindingFact.status).not_in(("closed", "merged"))


def _counts(_on: date) -> ColumnElement[bool]:
    return col(ComparisonFact.counts).is_(True)


@dataclass(frozen=True)
class Figure:
    """One number of a report."""

    name: str
    zh: str
    en: str
    model: type[SQLModel]
    condition: Condition = _always
    #: What is added up; None counts aggregates.
    total: Any = None
    #: Counts different values of this column instead of aggregates.
    distinct: Any = None

    def expression(self, on: date) -> ColumnElement[Any]:
        """Return the aggregate expression."""
        if self.total is not None:
            return func.coalesce(func.sum(self.total).filter(self.condition(on)), 0).label(self.name)
        counted = func.count() if self.distinct is None else func.count(self.distinct.distinct())
        return counted.filter(self.condition(on)).label(self.name)


@dataclass(frozen=True)
class Report:
    """A report: its figures, and by which columns they may be split besides divisions."""

    name: str
    zh: str
    en: str
    figures: tuple[Figure, ...]
    #: Name to the table that has it and the expression; figures of other tables are not split.
    dimensions: dict[str, tuple[type[SQLModel], Any]]


_PROGRESS = Report(
    "progress",
    "集中排查进度",
    "Progress of the campaign",
    (
        Figure("households", "应排查户数", "households due", HouseholdFact),
        Figure("members", "应排查人数", "persons due", HouseholdFact, total=col(HouseholdFact.members)),
        Figure(
            "visited", "已排查户数", "households visited", VisitFact, distinct=col(VisitFact.household_id)
        ),
        Figure("visits", "入户次数", "visits", VisitFact),
        Figure("raised", "发现问题", "findings raised", FindingFact),
        Figure("closed", "已销号", "closed", FindingFact, _is(FindingFact.status, "closed")),
        Figure("overdue", "超期未销号", "overdue", FindingFact, _overdue),
    ),
    {},
)
_FINDINGS = Report(
    "findings",
    "问题台账",
    "Findings ledger",
    (
        Figure("raised", "发现问题", "raised", FindingFact),
        Figure("open", "未销号", "open", FindingFact, _open),
        Figure("closed", "已销号", "closed", FindingFact, _is(FindingFact.status, "closed")),
        Figure("overdue", "超期未销号", "overdue", FindingFact, _overdue),
        Figure(
            "on_the_spot",
            "立行立改",
            "on the spot",
            FindingFact,
            lambda _on: col(FindingFact.on_the_spot).is_(True),
        ),
        Figure("reopened", "重新打开", "reopened", FindingFact, lambda _on: col(FindingFact.reopened) > 0),
    ),
    {
        "area": (FindingFact, func.split_part(col(FindingFact.item), "-", 1)),
        "item": (FindingFact, col(FindingFact.item)),
        "status": (FindingFact, col(FindingFact.status)),
        "source": (FindingFact, col(FindingFact.source)),
    },
)
_OPEN_OBJECT = ("monitored", "elimination_proposed", "elimination_withheld")
_MONITORED = Report(
    "monitored",
    "监测对象",
    "Monitored objects",
    (
        Figure("clues", "线索", "clues", ClueFact),
        Figure("cases", "识别程序", "cases", CaseFact),
        Figure("cases_open", "办理中", "cases open", CaseFact, _is(CaseFact.status, "open")),
        Figure("tagged", "累计标注", "tagged ever", MonitoredFact),
        Figure("open", "风险未消除", "risk open", MonitoredFact, _is(MonitoredFact.status, *_OPEN_OBJECT)),
        Figure(
            "eliminated",
            "风险已消除",
            "risk eliminated",
            MonitoredFact,
            _is(MonitoredFact.status, "eliminated"),
        ),
        Figure(
            "retagged", "风险再标注", "re-tagged", MonitoredFact, lambda _on: col(MonitoredFact.retagged) > 0
        ),
        Figure(
            "candidates",
            "待核实返贫风险",
            "re-tagging candidates",
            MonitoredFact,
            _is(MonitoredFact.status, "retag_candidate"),
        ),
    ),
    {
        "category": (MonitoredFact, col(MonitoredFact.category)),
        "status": (MonitoredFact, col(MonitoredFact.status)),
    },
)
_MEASURES = Report(
    "measures",
    "帮扶措施",
    "Assistance measures",
    (
        Figure("measures", "措施数", "measures", MeasureFact),
        Figure(
            "helped",
            "落实措施户数",
            "objects with measures",
            MeasureFact,
            distinct=col(MeasureFact.monitored_id),
        ),
        Figure("done", "已完成", "done", MeasureFact, _is(MeasureFact.status, "done")),
    ),
    {"kind": (MeasureFact, col(MeasureFact.kind)), "status": (MeasureFact, col(MeasureFact.status))},
)
_COMPARISONS = Report(
    "comparisons",
    "部门数据比对",
    "Departmental comparison",
    (
        Figure("batches", "批次", "batches", ComparisonFact, _counts),
        *(
            Figure(name, zh, en, ComparisonFact, _counts, total=col(getattr(ComparisonFact, name)))
            for name, zh, en in (
                ("rows", "数据条数", "rows"),
                ("matched", "比对一致", "matched"),
                ("mismatched", "姓名不一致", "name mismatch"),
                ("probable", "疑似比中", "probable"),
                ("departed", "已不在户", "left or dead"),
                ("unmatched", "库中无此人", "not in the registry"),
                ("invalid", "无效", "invalid"),
                ("alerts", "预警", "alerts"),
            )
        ),
    ),
    {
        "dataset": (ComparisonFact, col(ComparisonFact.dataset)),
        "period": (ComparisonFact, col(ComparisonFact.period)),
    },
)

REPORTS: dict[str, Report] = {
    report.name: report for report in (_PROGRESS, _FINDINGS, _MONITORED, _MEASURES, _COMPARISONS)
}
