"""Looking after a house that runs: dead events, snapshots, replicas."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from deploy.catalog import ServiceName, load

dead_app = typer.Typer(no_args_is_help=True, help="Dead events: see, explain, replay, drop. 处理失败的事件。")
console = Console()


def _with_database(name: str, action: Callable[..., Coroutine[Any, Any, Any]]) -> Any:
    """Run something on a service's database, as the service itself would."""
    from shared.assembly import Runtime

    async def act() -> Any:
        runtime = Runtime.of(load(name))
        try:
            return await action(runtime)
        finally:
            await runtime.database.dispose()

    return asyncio.run(act())


def snapshot(
    service: ServiceName, file: Annotated[Path, typer.Argument(help="It will hold people's names.")]
) -> None:
    """Write all that a service tells others of, as of now, without stopping it. 导出快照，供其他服务重建副本。"""
    from shared.replicas.snapshot import write_snapshot

    tellers = load(service.value).snapshot
    if tellers is None:
        raise typer.BadParameter(f"nobody rebuilds anything from {service.value}")
    told = _with_database(service.value, lambda runtime: write_snapshot(runtime.database, tellers, file))
    for kind, count in told.items():
        console.print(f"{kind}: {count}")


def rebuild(
    service: ServiceName,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="From `fangfan snapshot`.")],
    check: Annotated[bool, typer.Option("--check", help="Compare, and change nothing.")] = False,
) -> None:
    """Make a service's replicas what a snapshot says, without stopping it. 用快照重建副本。"""
    from shared.replicas.rebuilding import NAMES as FIGURES, rebuild as rebuilding
    from shared.replicas.snapshot import BadSnapshot

    if not load(service.value).replicas:
        raise typer.BadParameter(f"{service.value} keeps no replica")
    try:
        figures = _with_database(
            service.value,
            lambda runtime: rebuilding(runtime.database, runtime.service, file, write=not check),
        )
    except BadSnapshot as problem:
        raise typer.BadParameter(str(problem)) from None
    table = Table("kind", *FIGURES)
    for kind, of_kind in figures.items():
        table.add_row(kind, *(str(getattr(of_kind, name)) for name in FIGURES))
    console.print(table)
    raise typer.Exit(1 if check and not all(each.equal for each in figures.values()) else 0)


@dead_app.command("list")
def dead_list(service: ServiceName) -> None:
    """List a service's dead events."""
    from shared.messaging import dead

    found = _with_database(service.value, lambda runtime: dead.list_dead(runtime.database))
    table = Table("event", "type", "subject", "attempts", "died at", "reason")
    for event in found:
        table.add_row(
            str(event.event_id),
            event.type,
            event.subject,
            str(event.attempts),
            f"{event.died_at:%F %T}",
            event.reason,
        )
    console.print(table)


@dead_app.command("show")
def dead_show(service: ServiceName, event_id: UUID) -> None:
    """Show one dead event whole."""
    from shared.messaging import dead

    event = _with_database(service.value, lambda runtime: dead.show_dead(runtime.database, event_id))
    console.print_json(json.dumps(event.body, ensure_ascii=False))


@dead_app.command("replay")
def dead_replay(
    service: ServiceName, event_ids: Annotated[list[UUID] | None, typer.Argument()] = None
) -> None:
    """Handle dead events again, those named or all, and send the unsent; one that fails stays, with its new reason."""
    from shared.messaging import dead
    from shared.refusal import NotFound

    async def one(runtime: Any, event_id: UUID) -> tuple[str, bool]:
        try:
            event = await dead.show_dead(runtime.database, event_id)
            failure = await dead.replay(runtime.database, runtime.service.reactions, event_id)
        except NotFound:
            # One that is not dead (any more) keeps none of the others from being handled.
            return "no such dead event", False
        return failure or f"[green]{'in the outbox' if event.unsent else 'handled'}[/]", failure is None

    async def replay(runtime: Any) -> list[tuple[UUID, tuple[str, bool]]]:
        chosen = event_ids or [event.event_id for event in await dead.list_dead(runtime.database)]
        return [(each, await one(runtime, each)) for each in chosen]

    outcomes = _with_database(service.value, replay)
    for event_id, (words, _) in outcomes:
        console.print(f"{event_id}: {words}")
    raise typer.Exit(0 if all(succeeded for _, (_, succeeded) in outcomes) else 1)


@dead_app.command("drop")
def dead_drop(service: ServiceName, event_ids: list[UUID]) -> None:
    """Give dead events up for good."""
    from shared.messaging import dead

    dropped = _with_database(service.value, lambda runtime: dead.drop(runtime.database, event_ids))
    console.print(f"{dropped} dropped")
