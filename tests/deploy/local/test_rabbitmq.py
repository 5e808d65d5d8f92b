"""The private RabbitMQ: survives a crash and a restart, keeps to itself, takes over from a killed process."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import aio_pika
import psutil
import pytest

from deploy.local.processes import CannotStart, lives
from deploy.local.rabbitmq import PrivateRabbitMQ

_HOLDER = """
import sys, time
from pathlib import Path
from deploy.local.rabbitmq import PrivateRabbitMQ

node = PrivateRabbitMQ(Path(sys.argv[1]))
node.start()
print(node.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateRabbitMQ]:
    node = PrivateRabbitMQ(tmp_path_factory.mktemp("rabbitmq"))
    node.start()
    yield node
    node.destroy()


async def put(url: str, queue: str) -> None:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        await channel.declare_queue(queue, durable=True, arguments={"x-queue-type": "quorum"})
        message = aio_pika.Message(b"kept", delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
        await channel.default_exchange.publish(message, queue)


async def take(url: str, queue: str) -> bytes | None:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        # Asked for the message itself: the count in a declaration's answer lags behind after a crash.
        message = await (await channel.get_queue(queue)).get(no_ack=True, fail=False)
        return message.body if message else None


async def test_confirmed_messages_survive_a_crash_at_the_same_address(node: PrivateRabbitMQ) -> None:
    address = node.url
    await put(address, "crash")
    # A broker of version 3 writes the list of its quorum queues every half second: a younger queue is lost in
    # a crash, with its messages.
    await asyncio.sleep(1.5)
    node.kill()
    node.start()
    assert node.url == address
    assert await take(address, "crash") == b"kept"


async def test_confirmed_messages_survive_a_restart(node: PrivateRabbitMQ) -> None:
    await put(node.url, "restart")
    node.restart()
    assert await take(node.url, "restart") == b"kept"


async def test_virtual_hosts_are_worlds_of_their_own(node: PrivateRabbitMQ) -> None:
    await put(node.add_vhost("one"), "queue")
    two = node.add_vhost("two")
    with pytest.raises(aio_pika.exceptions.ChannelNotFoundEntity):
        await take(two, "queue")


def test_it_listens_on_loopback_only(node: PrivateRabbitMQ) -> None:
    assert node.pid
    family = psutil.Process(node.pid).children(recursive=True)
    listening = [connection for process in family for connection in process.net_connections(kind="inet")]
    assert {connection.laddr.ip for connection in listening if connection.status == psutil.CONN_LISTEN} == {
        "127.0.0.1"
    }


def test_a_folder_in_use_is_refused(node: PrivateRabbitMQ) -> None:
    with pytest.raises(CannotStart, match=f"in use by process {os.getpid()}"):
        PrivateRabbitMQ.running_in(node.folder).start()
    assert node.pid


def orphaned_node(folder: Path) -> int:
    """Start a node in another process, kill that process and return the node's own."""
    with subprocess.Popen([sys.executable, "-c", _HOLDER, folder], stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        orphan = int(holder.stdout.readline())
        holder.kill()
    assert lives(orphan)
    return orphan


async def test_the_node_of_a_killed_process_is_taken_over_and_nothing_is_left_of_it(tmp_path: Path) -> None:
    orphan = await asyncio.to_thread(orphaned_node, tmp_path)
    await put(PrivateRabbitMQ.running_in(tmp_path).url, "orphaned")
    node = PrivateRabbitMQ(tmp_path)
    async with node:
        assert await take(node.url, "orphaned") == b"kept"
        assert not lives(orphan)
    assert not [process for process in psutil.process_iter() if _works_in(process, tmp_path)]
    node.destroy()


def _works_in(process: psutil.Process, folder: Path) -> bool:
    try:
        return process.cwd() == str(folder)
    except psutil.Error:
        return False
