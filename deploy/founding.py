"""What an installation needs before its first start: keys, and databases with their roles."""

from __future__ import annotations

import asyncio
import json
import os
from typing import Annotated

import typer

from deploy.catalog import NAMES
from deploy.local.keys import new_keys
from shared.crypto.keyring import BadKeyRingError, KeyRing

_KEY_RING = "FANGFAN_KEY_RING"


def keys(
    rotate: Annotated[
        bool, typer.Option("--rotate", help="The key ring of the environment with one more key, active.")
    ] = False,
) -> None:
    """Print keys of a new installation as JSON; nothing is stored. 生成密钥。"""
    _tell({_KEY_RING: _rotated(os.environ.get(_KEY_RING, ""))} if rotate else new_keys())


def databases(
    admin_url: Annotated[str, typer.Argument(help="Of a role that may create roles and databases.")],
) -> None:
    """Create missing roles and databases; print their URLs, with passwords, as JSON. 创建数据库和角色。"""
    from deploy.provision import provision

    # A role that the environment knows keeps its password: processes that run go on.
    known = {name: value for name, value in os.environ.items() if name.startswith("FANGFAN_")}
    _tell(asyncio.run(provision(admin_url, NAMES, known)))


def _rotated(ring: str) -> str:
    try:
        return KeyRing.from_json(ring).rotated().to_json()
    except BadKeyRingError as problem:
        raise typer.BadParameter(f"{_KEY_RING}: {problem}") from None


def _tell(settings: dict[str, str]) -> None:
    # For a file, not for people: no colours, and no line is broken.
    typer.echo(json.dumps(settings, indent=1))
