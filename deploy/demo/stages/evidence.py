"""What the officers bring home: photos, signatures, what the registry should know, and what they found on sites."""

from __future__ import annotations

import struct
import zlib
from typing import Any

from deploy.demo.actors import COUNTY
from deploy.demo.stage import Story
from deploy.local.events import settle
from deploy.local.installation import Installation
from shared import clock
from shared.keys import uuid7

_SIDE = 48


async def bring_home(story: Story, installation: Installation) -> None:
    """Go back to one house in each town with a form kept offline, send the photos afterwards, look at a station."""
    firsts = {each["division_code"][:9] + "000": each for each in reversed(story.households.values())}
    sent = await story.each("照片 photos", firsts.items(), lambda home: _follow_up(story, *home))
    awaited = await story.actors.county.get("/attachments/awaited")
    story.checks["photos are given back as they were sent, and none is awaited"] = (
        all(sent) and not (awaited["items"])
    )
    await settle(installation)
    corrections = [each async for each in story.actors.county.all("/corrections", division=COUNTY)]
    story.checks["the registry answered every correction"] = len(corrections) >= len(firsts) and all(
        each["status"] != "proposed" for each in corrections
    )
    await _look_at_a_station(story)


async def _follow_up(story: Story, town: str, home: dict[str, Any]) -> bool:
    officer, path = story.actors.villages[town], f"/campaigns/{story.campaign['id']}/visits"
    form = await officer.get(f"{path}/form", household_id=home["id"])
    photo, signature = str(uuid7()), str(uuid7())
    visit = {
        "id": str(uuid7()),
        "household_id": home["id"],
        "visited_at": form["made_at"],
        "officer": f"{story.towns[town]}驻村工作队",
        "form": {name: form[name] for name in ("household_version", "made_at")},
        "shown": {"water_safe": form["facts"]["water_safe"]},
        "corrections": {"water_safe": not form["facts"]["water_safe"]},
        "attachments": [photo, signature],
    }
    await officer.post(f"{path}/batch", {"visits": [visit]})
    # The phone finds a network hours later, and sends a photo twice.
    return all(
        [
            await _arrives(story, town, home, key, kind)
            for key, kind in ((photo, "photo"), (signature, "signature"), (photo, "photo"))
        ]
    )


async def _arrives(story: Story, town: str, home: dict[str, Any], key: str, kind: str) -> bool:
    officer, picture = story.actors.villages[town], _picture(key)
    said = {"id": key, "kind": kind, "household_id": home["id"]}
    await officer.send("POST", "/attachments", params=said, content=picture)
    shown = await story.actors.county.send("GET", f"/attachments/{key}/content")
    return shown.content == picture


async def _look_at_a_station(story: Story) -> None:
    village = next(iter(story.households.values()))["division_code"]
    town = story.actors.town_of(village)
    station = {"kind": "photovoltaic_station", "name": "村级光伏扶贫电站", "division_code": village}
    await town.post("/inspection-objects", {"objects": [station]})
    (known,) = (await town.get("/inspection-objects", q=station["name"]))["items"]
    spot = {"measure": "当场重启逆变器", "evidence": ["发电数据恢复正常"]}
    answer = {"item": "A2-05", "ok": False, "facts": "一台逆变器停机两天", "on_the_spot": spot}
    path = f"/campaigns/{story.campaign['id']}/checks"
    form = await town.get(f"{path}/form", object_id=known["id"])
    moment = clock.now().isoformat()
    check = {"object_id": known["id"], "checked_at": moment, "officer": town.client_id, "answers": [answer]}
    checked = await town.post(path, check)
    story.checks["a station is asked its own items, and what fails there is a finding"] = (
        "A2-05" in {item["item"] for item in form["items"]} and len(checked["finding_ids"]) == 1
    )


def _picture(key: str) -> bytes:
    """Draw a small PNG of a colour of its own."""
    colour = bytes.fromhex(key[-6:])
    pixels = zlib.compress(b"".join(b"\x00" + colour * _SIDE for _ in range(_SIDE)))
    header = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
