"""``/datasets``: what departments may post, with the rules that read it."""

from __future__ import annotations

from datetime import date

from fastapi import Response

from services.monitoring.comparisons.precision import verdicts_of_dataset
from services.monitoring.comparisons.schemas import DatasetView, RuleVerdicts
from services.monitoring.datasets.catalog import datasets
from services.monitoring.datasets.sample import sample_rows
from services.monitoring.datasets.template import form_of
from services.monitoring.rulebook.queries import rules
from shared.refusal import NotFound
from shared.web import Reading, Router, refusals, requires
from shared.web.uploads import XLSX

router = Router(prefix="/datasets", tags=["部门数据集 datasets"])


@router.get("", dependencies=[requires(None)])
async def list_datasets(db: Reading) -> list[DatasetView]:
    """List what departments may post, with columns and rules."""
    known = (await rules(db)).values()
    return [DatasetView.of(dataset, known) for dataset in datasets().values()]


@router.get("/{code}", dependencies=[requires(None)], responses=refusals(NotFound))
async def read_dataset(code: str, db: Reading) -> DatasetView:
    """Return one dataset."""
    if code not in datasets():
        raise NotFound
    return DatasetView.of(datasets()[code], (await rules(db)).values())


@router.get("/{code}/precision", dependencies=[requires("comparisons:read")], responses=refusals(NotFound))
async def precision(code: str, db: Reading, since: date = date(2021, 1, 1)) -> list[RuleVerdicts]:
    """Return how good a dataset's warnings were, by rule: what people found when they looked into them."""
    if code not in datasets():
        raise NotFound
    return await verdicts_of_dataset(db, code, since)


@router.get(
    "/{code}/sample.xlsx",
    dependencies=[requires(None)],
    response_class=Response,
    responses=refusals(NotFound) | {200: {"content": {XLSX: {}}}},
)
async def dataset_sample(code: str) -> Response:
    """Return the form filled in with people who are made up."""
    if code not in datasets():
        raise NotFound
    headers = {"Content-Disposition": f'attachment; filename="{code}-sample.xlsx"'}
    return Response(
        form_of(datasets()[code], sample_rows(datasets()[code])), media_type=XLSX, headers=headers
    )


@router.get(
    "/{code}/template.xlsx",
    dependencies=[requires(None)],
    response_class=Response,
    responses=refusals(NotFound) | {200: {"content": {XLSX: {}}}},
)
async def dataset_form(code: str) -> Response:
    """Return the form to fill in."""
    if code not in datasets():
        raise NotFound
    headers = {"Content-Disposition": f'attachment; filename="{code}.xlsx"'}
    return Response(form_of(datasets()[code]), media_type=XLSX, headers=headers)
