"""Who plays: county, towns and villages, four departments and the province, each with credentials of its own."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from deploy.clients import register
from deploy.demo.client import Caller

COUNTY = "340621000000"
PROVINCE = "340000000000"
#: Client id to name, code of the department, and dataset.
DEPARTMENTS = {
    "yibao": ("县医疗保障局", "medical_insurance", "medical_expense"),
    "jiaoyu": ("县教育局", "education", "dropout"),
    "canlian": ("县残疾人联合会", "disabled_federation", "disability"),
    "renshe": ("县人力资源和社会保障局", "human_resources", "employment"),
}


@dataclass
class Actors:
    """The callers, once they have their tokens."""

    county: Caller
    #: Approves what others have checked: four eyes are two people.
    county_leader: Caller
    #: Convenes the departments, and so has no part in the approval.
    county_office: Caller
    province: Caller
    departments: dict[str, Caller]
    #: By division code.
    towns: dict[str, Caller] = field(default_factory=dict)
    villages: dict[str, Caller] = field(default_factory=dict)

    def town_of(self, division_code: str) -> Caller:
        """Return the officer of the town that a village belongs to."""
        return self.towns[division_code[:9] + "000"]

    def village_of(self, division_code: str) -> Caller:
        """Return the officer who works in the villages of that town."""
        return self.villages[division_code[:9] + "000"]


async def first_actors(url: str, stack: AsyncExitStack) -> Actors:
    """Register the county and whoever needs no divisions; only the very first client needs the command line.

    It is the province's: of a county one registers nobody beyond it.
    """
    secret = await register("admin", "省级系统管理员", ["administrator"], [PROVINCE])
    admin = await stack.enter_async_context(Caller(url, "admin", secret))

    async def join(client_id: str, name: str, role: str, area: str, *departments: str) -> Caller:
        return await enter(admin, url, stack, client_id, name, role, area, *departments)

    return Actors(
        county=await join("county", "县乡村振兴局 王主任", "county_officer", COUNTY),
        county_leader=await join("county-leader", "县乡村振兴局 李局长", "county_officer", COUNTY),
        county_office=await join("county-office", "县防返贫监测专班 何主任", "county_officer", COUNTY),
        province=await join("province", "安徽省防止返贫监测大数据管理平台", "provincial_system", PROVINCE),
        departments={
            client_id: await join(client_id, name, "department", COUNTY, department)
            for client_id, (name, department, _) in DEPARTMENTS.items()
        },
    )


async def local_actors(url: str, stack: AsyncExitStack, actors: Actors, towns: dict[str, str]) -> None:
    """Register two officers in each town and park: one for the town, one who goes to its villages."""
    secret = await register("registrar", "系统管理员", ["administrator"], [COUNTY])
    admin = await stack.enter_async_context(Caller(url, "registrar", secret))

    async def staff(code: str, name: str) -> None:
        place, mayor, team = code[6:9], f"{name} 陈镇长", f"{name}驻村工作队"
        actors.towns[code] = await enter(admin, url, stack, f"town-{place}", mayor, "town_officer", code)
        actors.villages[code] = await enter(
            admin, url, stack, f"village-{place}", team, "village_officer", code
        )

    await asyncio.gather(*(staff(code, name) for code, name in towns.items()))


async def enter(
    admin: Caller,
    url: str,
    stack: AsyncExitStack,
    client_id: str,
    name: str,
    role: str,
    area: str,
    *departments: str,
) -> Caller:
    """Register a client through the API and get its first token."""
    new = {
        "client_id": client_id,
        "name": name,
        "roles": [role],
        "areas": [area],
        "departments": departments,
    }
    secret = (await admin.post("/clients", new))["client_secret"]
    return await stack.enter_async_context(Caller(url, client_id, secret))
