"""The end of the story: what it came to, what of it has been checked, as JSON and as a table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from deploy.demo.checks import OUTCOMES, Figures, by_dataset, counted, own_figures, reported_figures
from deploy.demo.stage import Story
from deploy.demo.stages.departments import Province
from deploy.local.events import events_of, expected_handlings, settle
from deploy.local.installation import Installation

_REPORTS_OF_THE_COUNTY = 4  # its own, the ledger, the last week's dispatch, and one archive
_TITLES = {
    "divisions": "行政区划",
    "households": "农户",
    "members": "人口",
    "import_rejects": "导入退回",
    "visits": "入户排查",
    "findings": "问题",
    "comparisons": "部门比对",
    "clues": "线索",
    "cases": "识别案件",
    "monitored": "监测对象",
    "measures": "帮扶措施",
    "reports": "报告",
    "province": "省平台",
    "events": "事件",
    "checks": "核对",
    "seconds": "用时（秒）",
}


async def summarise(story: Story, installation: Installation, province: Province) -> dict[str, Any]:
    """Return every figure as its owner counts it, and whether all others count the same."""
    await settle(installation)
    own, reported = await own_figures(story), await reported_figures(story)
    events, expected = await events_of(installation), await expected_handlings(installation)
    missing = await province.platform.missing()
    checks = {f"{name} as reported": own[name] == reported.get(name) for name in own}
    checks |= _story_checks(story, own)
    checks |= {
        "no event is dead": events["dead"] == 0,
        "no event is pending": events["pending"] == 0,
        "every event was handled once by everybody whom it concerns": events["handled"] == expected,
        "the province received every change it may see": bool(province.platform.received) and not missing,
        "every delivery to the province was signed": province.platform.rejected == 0,
    }
    return {
        "divisions": await counted(story, "/divisions"),
        "households": own["households"],
        "members": own["members"],
        "import_rejects": story.import_rejects,
        "visits": own["visits"],
        "findings": {name: own[f"findings {name}"] for name in ("raised", "closed", "overdue")},
        "comparisons": by_dataset(own),
        "clues": own["clues"],
        "cases": own["cases"],
        "monitored": {name: own[name] for name in ("tagged", "eliminated", "retagged")},
        "measures": own["measures"],
        "reports": story.reports,
        "province": {"warned": province.platform.warned, "received": len(province.platform.received)},
        "events": events,
        "checks": checks,
    }


def _story_checks(story: Story, own: Figures) -> dict[str, bool]:
    """Tell whether what was sent is what was taken or refused, and whether the story came to its end."""
    told, lines = story.comparisons, story.lines
    return {
        **story.checks,
        "every line of every file is accounted for": lines["sent"] == lines["accepted"] + lines["rejected"],
        "every accepted person is registered": own["members"] == lines["accepted"],
        "every row that departments sent is accounted for": all(
            figures["rows"] == sum(figures[name] for name in OUTCOMES) for figures in told.values()
        ),
        "most rows of every department found whom they are about": all(
            figures["matched"] > figures["rows"] / 2 for figures in told.values()
        ),
        "departments were told what is counted": told == by_dataset(own),
        "every town and park reported": len(story.reports) == len(story.towns) + _REPORTS_OF_THE_COUNTY,
        "one risk came back on the same thread": own["retagged"] == 1,
    }


def tell(console: Console, summary: dict[str, Any], file: Path | None) -> None:
    """Show the summary, and write it down where that is wanted."""
    table = Table("", "", "", title="演示小结 Summary", show_header=False)
    for name, value in summary.items():
        table.add_row(_TITLES[name], name.replace("_", " "), _in_words(name, value))
    console.print(table)
    for name, holds in summary["checks"].items():
        if not holds:
            console.print(f"[red]✗ {name}[/]")
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _in_words(name: str, value: Any) -> str:
    if name == "checks":
        held = sum(value.values())
        return f"[{'green' if held == len(value) else 'red'}]{held} of {len(value)} hold[/]"
    if name == "comparisons":
        return "\n".join(f"{dataset}: {_figures(figures)}" for dataset, figures in value.items())
    if isinstance(value, dict):
        return _figures(value)
    return f"{len(value)} documents" if isinstance(value, list) else f"{value:,}"


def _figures(figures: dict[str, Any]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {figure:,}" for name, figure in figures.items())
