"""Two worlds with one registry: what departments sent, in whatever order, must have left the same in both."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson
from sqlalchemy import text

from services.monitoring.comparisons.review import run_review
from services.monitoring.datasets.catalog import Dataset
from shared.contracts.household import HouseholdRegistered
from shared.identity.principal import system
from tests.clients import ServiceUnderTest
from tests.services.monitoring.comparing import Department
from tests.services.monitoring.conftest import COUNTY, TOWN
from tests.services.monitoring.contradicting import contradictions
from tests.services.monitoring.drawing import File
from tests.services.monitoring.test_comparison_batches import withdrawn

#: Who sends, and for which area.
SENDERS = {"sender-1": COUNTY, "sender-2": TOWN}
_COUNTS = "effective_at IS NOT NULL AND superseded_by IS NULL AND withdrawn_at IS NULL"
_ALERTS = """
    SELECT rule, "window", subject_id, household_id, member_id, period, rule_version, inputs,
        CASE WHEN alert.outcome IN ('received', 'merged') THEN 'told' ELSE coalesce(alert.outcome, '') END AS came_to
    FROM comparison_alert alert JOIN comparison ON comparison.id = comparison_id
    """
#: Whose words they are is that of any of the batches of the period.
_EVIDENCE = f"""
    SELECT household_id, risk_type, told ->> 'member_id' AS member_id, told -> 'detail' AS detail,
        regexp_replace(told ->> 'facts', '{"|".join(SENDERS)}', '') AS facts
    FROM clue, jsonb_array_elements(evidence) told
    WHERE status IN ('received', 'assigned') AND NOT jsonb_exists(told, 'taken_back_on')
    """  # noqa: S608 - of this module
#: What stands is told in the name of a batch that counts, or that such a one has corrected.
_DISOWNED = f"""
    SELECT clue.id FROM clue, jsonb_array_elements(evidence) told
    JOIN comparison telling ON told ->> 'reference' = 'comparison:' || telling.id
    WHERE clue.status IN ('received', 'assigned') AND NOT jsonb_exists(told, 'taken_back_on') AND NOT EXISTS (
        SELECT FROM comparison WHERE {_COUNTS} AND (dataset, period, owner)
            = (telling.dataset, telling.period, telling.owner))
    """  # noqa: S608 - of this module
_CLUES = "SELECT household_id, risk_type FROM clue WHERE status IN ('received', 'assigned')"
#: Which of several that are open a period's word belongs to, is told by which of them was there.
_DOUBTS = """
    SELECT household_id, member_id, rule, doubt.dataset, array_agg(DISTINCT batch.period) AS periods,
        jsonb_agg(DISTINCT thing) AS things
    FROM doubt LEFT JOIN comparison batch ON batch.id = ANY(comparison_ids)
    LEFT JOIN LATERAL jsonb_array_elements(coalesce(facts, '[null]')) thing ON true
    WHERE state = 'open' GROUP BY household_id, member_id, rule, doubt.dataset
    """
_DOUBTED = """
    SELECT count(*) AS alerts, count(doubt.id) AS belonging FROM comparison_alert alert
    LEFT JOIN doubt ON doubt.id = alert.doubt_id AND doubt.state = 'open' AND alert.comparison_id = ANY(comparison_ids)
    WHERE alert.outcome = 'doubt'
    """
_PROPOSED = """
    SELECT household_id, member_id, field, found FROM comparison_correction
    WHERE withdrawn_by IS NULL AND status = 'proposed'
    """
#: Of people, whatever was sent of them that counts.
_ROWS = f"""
    SELECT dataset, period, told.* FROM comparison_outcome told JOIN comparison ON comparison.id = comparison_id
    WHERE {_COUNTS} AND outcome IN ('matched', 'departed') AND member_id IS NOT NULL
    """  # noqa: S608 - of this module
_DECIDED = f"""
    SELECT dataset, period, owner, line, outcome
    FROM comparison_outcome JOIN comparison ON comparison.id = comparison_id
    WHERE {_COUNTS} AND match = 'person' ORDER BY line
    """  # noqa: S608 - of this module
_FIGURES = ("rows", "matched", "mismatched", "probable", "departed", "unmatched", "invalid")
Key = tuple[str, str, str]


@dataclass
class World:
    """A service, those who send to it, and what they have sent that counts, in the order in which it came."""

    service: ServiceUnderTest
    county: httpx.AsyncClient
    departments: dict[str, Department]
    homes: Sequence[HouseholdRegistered]
    counting: dict[Key, tuple[File, dict[str, Any]]] = field(default_factory=dict)

    async def send(self, file: File, mode: str = "commit") -> None:
        department = self.departments[file.sender]
        department.dataset = file.dataset.code
        more = {} if file.rows else {"nobody": "true"}
        batch = await department.send(file.content, file.period, mode=mode, **more)
        assert batch["finished_at"], batch
        known = self.counting.get(_key(file))
        if mode == "commit" and (known is None or known[1]["id"] != batch["id"]):
            self.counting.pop(_key(file), None)
            self.counting[_key(file)] = file, batch

    async def withdraw(self, file: File) -> None:
        _, batch = self.counting.pop(_key(file))
        await withdrawn(self.departments[file.sender], batch)

    async def probable(self, file: File) -> list[int]:
        """Return the lines of a file of which a person may decide."""
        _, batch = self.counting[_key(file)]
        rows = await self.departments[file.sender].listed(batch, "results", outcome="probable")
        return [row["line"] for row in rows]

    async def decide(self, file: File, lines: dict[int, bool]) -> None:
        """Say of lines whether whoever was likely meant is."""
        _, batch = self.counting[_key(file)]
        for line, is_meant in lines.items():
            word = "confirmation" if is_meant else "refusal"
            answer = await self.county.post(f"/comparisons/{batch['id']}/results/{line}/{word}")
            assert answer.status_code == 200, answer.text
        if lines:
            job = await self.departments[file.sender].run_named("monitoring.comparison_review")
            await run_review(job)

    async def decisions(self) -> dict[Key, dict[int, bool]]:
        """Return what was decided of the rows that count."""
        decided: dict[Key, dict[int, bool]] = defaultdict(dict)
        for row in await self.rows(_DECIDED):
            decided[row.dataset, row.period, row.owner][row.line] = row.outcome == "matched"
        return decided

    async def rows(self, statement: str) -> Sequence[Any]:
        async with self.service.database.reading(system("tests")) as db:
            return await db.rows(text(statement))

    async def state(self, datasets: Sequence[Dataset]) -> dict[str, Any]:
        """Return all that departments' data have led to, by what it is."""
        named = {
            "alerts": _ALERTS,
            "evidence": _EVIDENCE,
            "clues": _CLUES,
            "doubts": _DOUBTS,
            "doubted": _DOUBTED,
        }
        found: dict[str, Any] = {
            name: Counter(_said(row) for row in await self.rows(statement))
            for name, statement in named.items()
        }
        assert not await self.rows(_DISOWNED)
        must, may = contradictions(await self.rows(_ROWS), self.homes)
        proposed = [
            ((row.household_id, row.member_id, row.field), row.found) for row in await self.rows(_PROPOSED)
        ]
        found["proposed"] = Counter(proposed) - Counter(may)
        # What a late file says is not proposed where a later period says otherwise, and what waits by then waits on.
        assert found["proposed"] == Counter(must)
        return found | await self._figures() | {"open": [row async for row in self._open(datasets)]}

    async def _figures(self) -> dict[str, Any]:
        """Return each batch's figures; of several of a period warnings are that of any, and are added up."""
        batches: dict[Key, Any] = {}
        alerts: Counter[tuple[str, str, str]] = Counter()
        for key, (_, batch) in self.counting.items():
            answer = await self.county.get(f"/comparisons/{batch['id']}/reconciliation")
            assert answer.status_code == 200, answer.text
            told = answer.json()
            assert told["comparison"]["alerts"] == sum(town["alerts"] for town in told["towns"])
            assert told["comparison"]["alerts"] == sum(told["alerts_by_outcome"].values())
            for town in told["towns"]:
                alerts[*key[:2], town["division_code"]] += town.pop("alerts")
            towns = [town for town in told["towns"] if any(town[name] for name in _FIGURES[1:5])]
            figures = [told["comparison"][name] for name in _FIGURES]
            reasons = (told["invalid_by_reason"], told["unmatched_by_reason"], told["counted_beside"])
            batches[key] = figures, towns, reasons
        return {"batches": batches, "alerts by town": +alerts}

    async def _open(self, datasets: Sequence[Dataset]) -> Any:
        for dataset in datasets:
            for rule in (await self.county.get(f"/datasets/{dataset.code}/precision")).json():
                if rule["open"]:
                    yield dataset.code, rule["rule"], rule["open"]


def _key(file: File) -> Key:
    return file.dataset.code, file.period, file.sender


def _said(row: Any) -> str:
    return orjson.dumps(dict(row._mapping), option=orjson.OPT_SORT_KEYS, default=str).decode()


def different(one: dict[str, Any], other: dict[str, Any]) -> Iterator[str]:
    """Say in what two states are not the same."""
    for what, found in one.items():
        if found != other[what]:
            yield f"{what}: {found} here, and {other[what]} afresh"
