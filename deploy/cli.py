"""``fangfan``: found an installation, run a service, migrate, look after dead events, play the demo, measure."""

from __future__ import annotations

import asyncio
import json
import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from deploy import founding, upkeep
from deploy.catalog import ServiceName, load
from deploy.local.processes import CannotStart

app = typer.Typer(
    no_args_is_help=True, pretty_exceptions_show_locals=False, help="Fangfan 防返：防止返贫动态监测和帮扶。"
)
console = Console()

Folder = Annotated[Path, typer.Option(help="Where the installation keeps its data and keys.")]


class Kind(StrEnum):
    """The two kinds of process of a service."""

    API = "api"
    WORKER = "worker"


class Bus(StrEnum):
    """The two transports."""

    MEMORY = "memory"
    AMQP = "amqp"


@app.callback()
def settle(
    installation: Annotated[
        Path | None, typer.Option(help="Folder of a local installation whose settings to use.")
    ] = None,
) -> None:
    """Take the settings from the environment, or from an installation on this machine."""
    if installation is not None:
        try:
            settings = json.loads((installation / "environment.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as problem:
            message = f"{installation} is no installation that can be read: {problem}"
            raise CannotStart(message) from None
        os.environ.update(settings)


class ChaosSize(StrEnum):
    """Everything breaks once, or four times."""

    SMALL = "small"
    STANDARD = "standard"


@app.command()
def run(service: ServiceName, kind: Kind) -> None:
    """Run one process of one service, with settings from the environment. 运行一个服务进程。"""
    import uvloop

    from deploy import serving

    uvloop.run(serving.run(service.value, kind.value))


@app.command()
def serve(
    folder: Folder = Path(".fangfan/local"),
    port: Annotated[int, typer.Option(help="Where the gateway listens.")] = 8000,
    bus: Bus = Bus.MEMORY,
    processes: Annotated[
        bool, typer.Option("--processes", help="One process per api and worker (needs amqp).")
    ] = False,
) -> None:
    """Run the whole house on this machine, with a database of its own. 在本机运行全部服务。"""
    from deploy.local.serve import serve_house

    # Processes of their own meet on no bus in memory.
    if processes:
        bus = Bus.AMQP
    asyncio.run(serve_house(folder, port=port, bus=bus.value, processes=processes, say=console.print))


@app.command()
def demo(
    exit_: Annotated[bool, typer.Option("--exit", help="End after the story.")] = False,
    summary: Annotated[Path | None, typer.Option(help="Write the summary to this file as JSON.")] = None,
    households: Annotated[int, typer.Option(min=200)] = 6000,
    seed: int = 2021,
    bus: Bus = Bus.MEMORY,
    processes: Annotated[
        bool, typer.Option("--processes", help="One process per api and worker (needs amqp).")
    ] = False,
    port: Annotated[int, typer.Option(help="Where the gateway listens; 0 takes a free port.")] = 8000,
) -> None:
    """Play a county's whole campaign through the public API. 演示一个县的集中排查全过程。"""
    from deploy.demo.run import run_demo

    story = run_demo(
        keep_serving=not exit_,
        summary_file=summary,
        households=households,
        seed=seed,
        bus="amqp" if processes else bus.value,
        processes=processes,
        port=0 if exit_ else port,
        console=console,
    )
    raise typer.Exit(0 if asyncio.run(story) else 1)


@app.command()
def migrate(
    services: Annotated[list[ServiceName] | None, typer.Argument(help="All, if none is named.")] = None,
    draft: Annotated[str, typer.Option(help="Draft a migration with this message instead.")] = "",
) -> None:
    """Bring databases up to date, as their owner role, and declare the bus. 升级数据库结构，声明消息队列。"""
    from shared.database import migrating
    from shared.settings import ServiceSettings

    async def each(name: str) -> None:
        service = load(name)
        owner_url = ServiceSettings.of(name).owner_url
        if owner_url is None:
            raise typer.BadParameter(f"set FANGFAN_{name.upper()}_OWNER_URL")
        url = owner_url.get_secret_value()
        if draft:
            await migrating.draft(service.migrations, service.metadata, url, draft)
        else:
            await migrating.migrate(service.migrations, service.metadata, url)
        console.print(f"{name}: [green]✓[/]")

    for service in services or list(ServiceName):
        asyncio.run(each(service.value))
    if not draft and (bus_url := os.environ.get("FANGFAN_BUS_URL")):
        from deploy.bus import declare_bus

        asyncio.run(declare_bus(bus_url))


@app.command()
def client(
    client_id: str,
    role: Annotated[list[str], typer.Option(help="Role; may be repeated.")],
    area: Annotated[list[str], typer.Option(help="12-digit division code; may be repeated.")],
    name: Annotated[str, typer.Option(help="As shown in histories.")] = "",
    department: Annotated[
        list[str] | None, typer.Option(help="Of a department's system: its code; may be repeated.")
    ] = None,
) -> None:
    """Register a client of the gateway and print its secret, once. 登记接入方。"""
    from pydantic import ValidationError

    from deploy.clients import register
    from shared.refusal import Refusal

    try:
        secret = asyncio.run(register(client_id, name or client_id, role, area, department))
    except ValidationError as error:
        raise typer.BadParameter("; ".join(map(_told, error.errors()))) from None
    except Refusal as refusal:
        raise typer.BadParameter(f"{refusal} {refusal.zh}") from None
    console.print_json(json.dumps({"client_id": client_id, "client_secret": secret}))


def _told(error: Any) -> str:
    place, words = "/".join(map(str, error["loc"])), str(error["msg"]).removeprefix("Value error, ")
    return f"{place}: {words}" if place else words


@app.command()
def bench(
    names: Annotated[
        list[str] | None, typer.Argument(help="All, in a quick round, if none is named.")
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures there.")] = None,
    size: Annotated[
        int | None, typer.Option(help="Households in an import; 20000, or 5000 when quick.")
    ] = None,
) -> None:
    """Measure our real path beside yardsticks, in one run. 与基准并排测速。"""
    from deploy.bench import run as benches

    results = asyncio.run(benches.bench(names or [], console, imported=size))
    benches.tell(results, console, json_file)


@app.command()
def chaos(
    size: ChaosSize = ChaosSize.SMALL,
    seed: Annotated[int, typer.Option(help="The same seed breaks the same things in the same order.")] = 1,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures there.")] = None,
) -> None:
    """Kill, cut and restart under load, then count what was lost. 故障演练。"""
    from deploy.chaos import run as chaos_run

    report = asyncio.run(chaos_run.chaos(size.value, seed, console))
    chaos_run.tell(report, console, json_file)
    raise typer.Exit(0 if report.well else 1)


app.command()(founding.keys)
app.command()(founding.databases)
app.add_typer(upkeep.dead_app, name="dead")
app.command()(upkeep.snapshot)
app.command()(upkeep.rebuild)


def main() -> None:
    """Enter from the command line; what the user can mend is told in one line."""
    from pydantic import ValidationError

    from shared.refusal import Refusal

    try:
        app()
    except CannotStart as failure:
        words = str(failure)
    except Refusal as refusal:
        words = f"{refusal} {refusal.zh}"
    except ValidationError as error:
        # Settings, which are read nowhere else.
        words = f"{error.title} (FANGFAN_…): {'; '.join(map(_told, error.errors(include_input=False)))}"
    else:
        return
    console.print(f"[red]{escape(words)}[/]")
    raise SystemExit(1)


if __name__ == "__main__":
    main()
