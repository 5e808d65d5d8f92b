"""Single requests: one household, a page of a village, a command, and what the gateway adds."""

from __future__ import annotations

from urllib.parse import quote

import orjson

from deploy.bench.harness import Goal, Measured, alternate
from deploy.bench.load import Load, in_own_process
from deploy.bench.size import Size
from deploy.bench.stage import COUNTY, ROLES, Stage
from shared.identity.internal import HEADER as IDENTITY_HEADER, InternalSigner
from shared.identity.principal import Principal
from shared.identity.scopes import scopes_of

_AT_ONCE = 16
_PATHS = 2000


async def measure_read(stage: Stage, size: Size) -> Measured:
    """GET one household through the gateway, beside the same document from the bare application."""
    paths = [f"/households/{each}" for each in stage.households[:_PATHS]]
    row = await _per_second(
        Load(stage.bare_url, [path.replace("households", "one") for path in paths], size.seconds, _AT_ONCE)
    )
    pairs = await alternate(
        lambda: _per_second(_ours(stage, paths, size)),
        lambda: _per_second(Load(stage.bare_url, paths, size.seconds, _AT_ONCE)),
        runs=size.runs,
    )
    return pairs.measured(
        "read",
        Goal(0.5),
        unit="requests/s",
        data=f"{len(stage.households)} households, {_AT_ONCE} at once; the document with members and incomes",
        others={"bare, household row alone": row},
    )


async def measure_list(stage: Stage, size: Size) -> Measured:
    """GET 50 households of a village through the gateway."""
    paths = [f"/households?division={quote(village)}&limit=50" for village in stage.villages]
    pairs = await alternate(
        lambda: _per_second(_ours(stage, paths, size)),
        lambda: _per_second(Load(stage.bare_url, paths, size.seconds, _AT_ONCE)),
        runs=size.runs,
    )
    data = f"{len(stage.households)} households in {len(stage.villages)} villages, {_AT_ONCE} at once"
    return pairs.measured("list", Goal(0.5), unit="requests/s", data=data)


async def measure_command(stage: Stage, size: Size) -> Measured:
    """POST a finding: row, history, event and idempotent answer in one transaction, beside a bare INSERT."""
    finding = {
        "campaign_id": stage.campaign["id"],
        "item": "A8-04",
        "facts": "驻村帮扶工作记录缺三月",
        "source": "manual",
        "division_code": stage.villages[0],
    }
    body = orjson.dumps(finding).decode()
    json = {"Content-Type": "application/json"}
    ours = Load(
        f"{stage.installation.public_url}",
        ["/api/v1/findings"],
        size.seconds,
        _AT_ONCE,
        method="POST",
        headers=stage.authorization | json,
        body=body,
        keyed=True,
    )
    theirs = Load(
        stage.bare_url, ["/findings"], size.seconds, _AT_ONCE, method="POST", headers=json, body=body
    )
    pairs = await alternate(lambda: _per_second(ours), lambda: _per_second(theirs), runs=size.runs)
    data = (
        f"findings of a village, {_AT_ONCE} at once, each with an Idempotency-Key; their events on their way"
    )
    return pairs.measured("command", Goal(0.4), unit="requests/s", data=data)


async def measure_gateway(stage: Stage, size: Size) -> Measured:
    """GET one household through the gateway and from the service itself: the difference of their medians."""
    paths = [f"/households/{each}" for each in stage.households[:_PATHS]]
    pairs = await alternate(
        lambda: _median(_ours(stage, paths, size, at_once=1)),
        lambda: _median(_direct(stage, paths, size)),
        runs=size.runs,
    )
    return pairs.measured(
        "gateway",
        Goal(0.6, at_most=True),
        unit="ms at the median",
        data="one household, one request at a time; the figure is what the gateway adds, in ms",
        by=lambda through, direct: through - direct,
    )


def _ours(stage: Stage, paths: list[str], size: Size, *, at_once: int = _AT_ONCE) -> Load:
    return Load(
        stage.installation.public_url,
        [f"/api/v1{path}" for path in paths],
        size.seconds,
        at_once,
        headers=stage.authorization,
    )


def _direct(stage: Stage, paths: list[str], size: Size) -> Load:
    # Signed for each run: an internal identity lives for two minutes.
    signer = InternalSigner(stage.installation.environment["FANGFAN_GATEWAY_IDENTITY_PRIVATE_KEY"])
    caller = Principal("bench", "测量", scopes_of(tuple(ROLES)), (COUNTY,), tuple(ROLES))
    headers = {IDENTITY_HEADER: signer.sign(caller)}
    return Load(stage.service_url("household"), paths, size.seconds, 1, headers=headers)


async def _per_second(load: Load) -> float:
    return (await in_own_process(load)).per_second


async def _median(load: Load) -> float:
    return (await in_own_process(load)).p50_ms
