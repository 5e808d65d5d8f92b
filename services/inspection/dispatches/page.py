"""A weekly dispatch as one A4 page to print: self-contained HTML with a chart drawn from its own figures."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from services.inspection.dispatches.schemas import DispatchContent
from shared import clock
from shared.domain.codes import code_lists

#: What one page holds; the rest stands in the JSON.
_LINES, _MATTERS, _PEOPLE, _RESULTS = 24, 7, 5, 4


def to_html(content: DispatchContent) -> str:
    """Return the page. Names are escaped: an operator may be called anything."""
    return _template().render(
        dispatch=content,
        lines=content.lines[:_LINES],
        left_out=max(len(content.lines) - _LINES, 0),
        matters=content.watch.matters[:_MATTERS] if content.watch else [],
        people=content.watch.people[:_PEOPLE] if content.watch else [],
        results=content.watch.results[:_RESULTS] if content.watch else [],
        areas=code_lists()["inspection_area"],
        severities=code_lists()["finding_severity"],
        levels=code_lists()["finding_level"],
        as_of=content.as_of.astimezone(clock.CHINA),
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("services.inspection.dispatches", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["signed"] = _signed
    environment.filters["percent"] = lambda value: "—" if value is None else f"{value:.1f}%"
    return environment.get_template("page.html")


def _signed(change: float | None) -> str:
    return "—" if change is None else f"{change:+g}" if change else "0"
