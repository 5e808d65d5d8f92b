"""One county's campaign, end to end: in one process, and in many on RabbitMQ while workers are killed."""

from __future__ import annotations

import asyncio
import json
import subprocess
from pathlib import Path

import pytest

from deploy.catalog import NAMES
from deploy.demo.people import County
from deploy.demo.stages.registry import _DIVISIONS
from deploy.local.postgres import EmbeddedPostgres
from tests.journeys.demo import HOUSEHOLDS, SEED, Played, kill_while_running, play

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The story in one process, undisturbed."""
    return asyncio.run(play(tmp_path_factory.mktemp("quiet")))


def test_every_figure_is_what_its_owner_counts(quiet: Played) -> None:
    assert len(quiet.summary["checks"]) > 40
    assert all(quiet.summary["checks"].values())
    assert quiet.summary["divisions"] == 260
    assert quiet.summary["monitored"]["retagged"] == 1
    assert quiet.summary["events"]["dead"] == quiet.summary["events"]["pending"] == 0
    assert len(quiet.summary["reports"]) == 17
    assert quiet.summary["province"]["received"] > quiet.summary["province"]["warned"] > 0


def test_on_rabbitmq_with_workers_killed_the_figures_are_the_same(quiet: Played, tmp_path: Path) -> None:
    async def disturb(demo: int, folder: Path) -> None:
        await kill_while_running(demo, folder, "household", "household.import")
        await kill_while_running(demo, folder, "monitoring", "monitoring.comparison")

    disturbed = asyncio.run(play(tmp_path / "disturbed", "--processes", meanwhile=disturb))
    assert disturbed.figures == quiet.figures


def test_no_identity_number_stands_anywhere_in_the_clear(quiet: Played) -> None:
    villages = [
        line.split(",")[0] for line in _DIVISIONS.read_text("utf-8").splitlines() if ",village," in line
    ]
    families = County(SEED).families(villages, HOUSEHOLDS)
    numbers = {person.number for family in families for person in family.people}
    dump = _dump(quiet.folder / ".fangfan/demo/postgres")
    # The people are there, under their names: so the numbers would be found if they stood there.
    assert families[0].head.name in dump
    texts = [dump, (quiet.folder / "demo.log").read_text(), json.dumps(quiet.summary)]
    assert [number for number in numbers if any(number in text for text in texts)] == []


def _dump(folder: Path) -> str:
    """Dump every database of the house as an operator's backup would."""
    with EmbeddedPostgres(folder) as server:
        program, base = str(server.program("pg_dump")), server.admin_url.rpartition("/")[0]
        dumps = [[program, f"{base}/fangfan_{name}"] for name in NAMES]
        return "".join(subprocess.run(d, check=True, capture_output=True, text=True).stdout for d in dumps)
