"""``/datasets``: what departments may post, with the rules that read it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Path, Query, Response

from services.monitoring.comparisons.dataset_schemas import DatasetView
from services.monitoring.comparisons.precision import verdicts_of_dataset
from services.monitoring.comparisons.schemas import RuleVerdicts
from services.monitoring.datasets.catalog import Dataset, datasets
from services.monitoring.datasets.sample import sample_rows
from services.monitoring.datasets.template import form_of
from services.monitoring.rulebook.queries import rules
from shared.refusal import NotFound
from shared.web import Reading, Router, refusals, requires
from shared.web.uploads import XLSX

router = Router(prefix="/datasets", tags=["部门数据集 datasets"])
#: How an address whose answer is a form is told of.
_FORM: dict[str, Any] = {
    "dependencies": [requires(None)],
    "response_class": Response,
    "responses": refusals(NotFound) | {200: {"content": {XLSX: {}}}},
}


async def known(
    code: Annotated[str, Path(description="数据集代码。Of the dataset, as the list of them has it.")],
) -> Dataset:
    """Return the dataset of that code, or refuse."""
    if code not in datasets():
        raise NotFound
    return datasets()[code]


Known = Annotated[Dataset, Depends(known)]
Since = Annotated[date, Query(description="只计自该日起的预警。Of warnings since that day only.")]


@router.get("", dependencies=[requires(None)])
async def list_datasets(db: Reading) -> list[DatasetView]:
    """List what departments may post, with columns and rules."""
    asked = (await rules(db)).values()
    return [DatasetView.of(dataset, asked) for dataset in datasets().values()]


@router.get("/{code}", dependencies=[requires(None)], responses=refusals(NotFound))
async def read_dataset(dataset: Known, db: Reading) -> DatasetView:
    """Return one dataset."""
    return DatasetView.of(dataset, (await rules(db)).values())


@router.get("/{code}/precision", dependencies=[requires("comparisons:read")], responses=refusals(NotFound))
async def precision(dataset: Known, db: Reading, since: Since = date(2021, 1, 1)) -> list[RuleVerdicts]:
    """Return how good a dataset's warnings were, by rule: what people found when they looked into them."""
    return await verdicts_of_dataset(db, dataset.code, since)


@router.get("/{code}/template.xlsx", **_FORM)
async def dataset_form(dataset: Known) -> Response:
    """Return the form to fill in."""
    return _form(dataset, f"{dataset.code}.xlsx")


@router.get("/{code}/sample.xlsx", **_FORM)
async def dataset_sample(dataset: Known) -> Response:
    """Return the form filled in with people who are made up."""
    return _form(dataset, f"{dataset.code}-sample.xlsx", sample_rows(dataset))


def _form(dataset: Dataset, filename: str, rows: Sequence[Sequence[str]] = ()) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return Response(form_of(dataset, rows), media_type=XLSX, headers=headers)
