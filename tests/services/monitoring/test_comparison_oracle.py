"""The comparison in sets against a reader of one row at a time: same outcomes and reasons on very dirty files."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from shared.domain.identity_number import IdentityNumberFault, parse
from shared.domain.matching import same_name
from shared.domain.money import parse_yuan
from shared.domain.person_name import comparable
from tests.services.monitoring.comparing import Department, as_csv, number
from tests.services.monitoring.conftest import COUNTY, Scene, household, numbered

NAMES = ["王建国", "李秀英", "买买提·艾力", "赵一"]
DESTITUTE_OVER = Decimal(1000)
Outcome = tuple[int, str]


def judge(
    rows: list[list[str]], registry: dict[str, str]
) -> tuple[list[Outcome], list[Outcome], dict[str, Decimal]]:
    """Return outcomes and rejects by line, and what each matched person paid: the slow and obvious way."""
    outcomes: list[Outcome] = []
    rejects: list[Outcome] = []
    paid: dict[str, Decimal] = {}
    for line, (name, written, amount, _) in enumerate(rows, start=2):
        faults: list[str] = []
        known = ""
        try:
            known = parse(written).number
        except IdentityNumberFault as fault:
            faults.append(fault.fault)
        yuan = parse_yuan(amount)
        faults += ["missing"] if not comparable(name) else []
        faults += ["missing"] if not amount else ["not_an_amount"] if yuan is None else []
        if faults:
            rejects += [(line, fault) for fault in faults]
        elif known not in registry:
            outcomes.append((line, "unmatched"))
        elif not same_name(name, registry[known]):
            outcomes.append((line, "mismatched"))
        else:
            outcomes.append((line, "matched"))
            paid[known] = paid.get(known, Decimal(0)) + (yuan or Decimal(0))
    return outcomes, sorted(rejects), paid


def dirty_rows(draw: random.Random, registry: dict[str, str]) -> list[list[str]]:
    rows = []
    for _ in range(120):
        known = draw.choice([*registry, number(draw.randint(900, 999))])
        written = draw.choice(
            [known] * 6
            + [
                known.lower(),
                f" {known}",
                f"'{known}",
                known[:6] + known[8:17],
                known[:-1],
                known[:-3] + "000",
            ]
            + [
                "",
                "3.40621E+17",
                f"{known[:5]}O{known[6:]}",
                "99" + known[2:],
                known[:10] + "13" + known[12:],
            ]
        )
        name = registry.get(known, "外地人")
        name = draw.choice([name] * 6 + [name.replace("·", "."), f"{name[0]} {name[1:]}", "某某", "", " 　"])
        amount = draw.choice(
            ["120", "99.995", "1,200.50", "￥30元", "0.03万元", "-15", "", "约一百", "１２３"]
        )
        rows.append([name, written, amount, draw.choice(["住院", "门诊", 'a "quoted", one', ""])])
    return rows


@pytest.mark.parametrize("seed", range(4))
async def test_sets_and_rows_agree(scene: Scene, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # Several chunks, so that none is lost between them.
    monkeypatch.setattr("shared.sheets.parts.PART_BYTES", 2000)
    draw = random.Random(seed)
    registry = {number(order): draw.choice(NAMES) for order in range(300, 312)}
    await scene.known(
        *(household(members=(numbered(name, written),), destitute=True) for written, name in registry.items())
    )
    department = Department(scene.service, await scene.service.caller("department", COUNTY, subject="yibao"))
    rows = dirty_rows(draw, registry)
    outcomes, rejects, paid = judge(rows, registry)

    batch = await department.send(as_csv(rows, encoding=draw.choice(["utf-8", "gb18030"])))
    assert [(each["line"], each["outcome"]) for each in await department.listed(batch, "results")] == outcomes
    found = sorted((each["line"], each["code"]) for each in await department.listed(batch, "rejects"))
    assert found == rejects
    assert batch["alerts"] == sum(total > DESTITUTE_OVER for total in paid.values())
    assert (
        batch["rows"]
        == len(rows)
        == sum(batch[name] for name in ("matched", "mismatched", "unmatched", "invalid"))
    )
