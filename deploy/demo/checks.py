"""Each figure of the story, as the service that owns it counts it and as reporting shows it."""

from __future__ import annotations

from collections import Counter

from deploy.demo.actors import COUNTY
from deploy.demo.stage import Story

Figures = dict[str, int]
OUTCOMES = ("matched", "mismatched", "probable", "departed", "unmatched", "invalid")
_OF_A_BATCH = ("rows", *OUTCOMES, "alerts")


async def counted(story: Story, path: str) -> int:
    """Ask an owning service how many there are."""
    return int((await story.actors.county.get(path, count="exact", limit=1))["total"])


async def own_figures(story: Story) -> Figures:
    """Count at the services that own the truth."""
    county, campaign = story.actors.county, story.campaign["id"]
    progress = (await county.get(f"/campaigns/{campaign}/progress", by="county"))["total"]
    households = [each async for each in county.all("/households", division=COUNTY)]
    monitored = [each async for each in county.all("/monitored", division=COUNTY)]
    return {
        "households": len(households),
        "members": sum(each["member_count"] for each in households),
        "visits": await counted(story, f"/campaigns/{campaign}/visits"),
        "visited": progress["visited"],
        "findings raised": progress["findings"]["raised"],
        "findings closed": progress["findings"]["closed"],
        "findings overdue": progress["findings"]["overdue"],
        "clues": await counted(story, "/clues"),
        "cases": await counted(story, "/cases"),
        "tagged": len(monitored),
        "eliminated": sum(each["status"] == "eliminated" for each in monitored),
        "retagged": sum(each["retagged"] > 0 for each in monitored),
        "measures": await counted(story, "/measures"),
        **await _own_comparisons(story),
    }


async def _own_comparisons(story: Story) -> Figures:
    figures: Counter[str] = Counter()
    async for batch in story.actors.county.all("/comparisons"):
        if batch["superseded_by"] is None and batch["withdrawn_at"] is None:
            figures.update({f"{batch['dataset']} {name}": batch[name] for name in _OF_A_BATCH})
    return dict(figures)


async def reported_figures(story: Story) -> Figures:
    """Read the same figures from reporting."""
    county = story.actors.county

    async def total(report: str) -> Figures:
        return dict((await county.get(f"/reports/{report}", by="county"))["total"])

    datasets = (await county.get("/reports/comparisons", by="county", dimension="dataset"))["rows"]
    return named(await total("progress"), await total("monitored"), await total("measures")) | {
        f"{row['dimension']} {name}": row["figures"][name] for row in datasets for name in _OF_A_BATCH
    }


def named(progress: Figures, monitored: Figures, measures: Figures) -> Figures:
    """Give the figures of three reports the names that they have here."""
    return {
        **{name: progress[name] for name in ("households", "members", "visits", "visited")},
        **{f"findings {name}": progress[name] for name in ("raised", "closed", "overdue")},
        **{name: monitored[name] for name in ("clues", "cases", "tagged", "eliminated", "retagged")},
        "measures": measures["measures"],
    }


def by_dataset(figures: Figures) -> dict[str, Figures]:
    """Arrange the figures of comparisons by dataset."""
    datasets = sorted({name.split()[0] for name in figures if name.endswith(" unmatched")})
    return {dataset: {name: figures[f"{dataset} {name}"] for name in _OF_A_BATCH} for dataset in datasets}
