"""A private RabbitMQ node: its own name, ports, home and data; nothing shared with a node of the machine."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import IO, Self

from deploy.local.private_server import PrivateServer
from deploy.local.processes import (
    Account,
    CannotStart,
    claim,
    end,
    end_leftovers,
    free_port,
    kill,
    last_words,
)
from deploy.local.rabbitmq_program import find_or_install

_START_SECONDS = 90
_STOP_SECONDS = 30
_USER = "fangfan"
_PROCESSES = frozenset({"rabbitmq-server", "beam.smp", "erl_child_setup", "epmd"})
_HELLO = b"AMQP\x00\x00\x09\x01"
#: First bytes of ``connection.start``: a method frame on channel 0.
_START_FRAME = b"\x01\x00\x00"
#: Schedulers sleep when idle (by default they spin for a while), and distribution stays on loopback.
_ERLANG = "+sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}"


class PrivateRabbitMQ(PrivateServer):
    """A RabbitMQ node of our own over ``folder``; leaving the context stops it, queues and messages stay.

    Ports are chosen at the first start and then kept, so that clients find the node again after a restart.
    Runs as whoever we are: unlike PostgreSQL it does not mind root.
    """

    def __init__(self, folder: Path) -> None:
        self.port = self._epmd_port = self._distribution_port = 0
        # Resolved, because leftovers of a crash are found by their working directory.
        self.folder = folder.absolute().resolve()
        self._account = Account()
        self._epmd: subprocess.Popen[bytes] | None = None
        self._node: subprocess.Popen[bytes] | None = None
        self._claim: IO[str] | None = None

    @classmethod
    def running_in(cls, folder: Path) -> Self:
        """Return a handle on a node that another process has started, to talk to it, not to end it."""
        node = cls(folder)
        node.port, node._epmd_port, node._distribution_port = json.loads((node.folder / "ports").read_text())
        return node

    @property
    def url(self) -> str:
        """The URL of the default virtual host."""
        return self.url_of("%2F")

    @property
    def pid(self) -> int | None:
        """The node's process, while it runs."""
        return self._node.pid if self._node and self._node.poll() is None else None

    def url_of(self, vhost: str) -> str:
        """Return the URL of a virtual host."""
        return f"amqp://{_USER}:{self._password()}@127.0.0.1:{self.port}/{vhost}"

    def start(self) -> None:
        """Start the node, clear what a crash left behind, and wait until it speaks AMQP."""
        scripts = find_or_install()
        if self.pid is None:
            self._release()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._claim = claim(self.folder)
        try:
            end_leftovers(self.folder, _PROCESSES, signal.SIGTERM)
            self._configure()
            self._launch(scripts)
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Stop in order. The process is waited for, not the port: it closes long before the data are safe."""
        if self._node:
            end(self._node, signal.SIGTERM, _STOP_SECONDS)
        self._release()

    def kill(self) -> None:
        """Crash the node: its processes die at once."""
        if self._node:
            kill(self._node)
        self._release()

    def destroy(self) -> None:
        """Stop, also what a crash left running, and delete everything; refuse while another process holds it."""
        self.stop()
        if self.folder.exists():
            with claim(self.folder):
                end_leftovers(self.folder, _PROCESSES, signal.SIGTERM)
                shutil.rmtree(self.folder, ignore_errors=True)

    def control(self, *arguments: str | Path) -> str:
        """Run ``rabbitmqctl`` against this node and return what it says; raises on failure."""
        command = (find_or_install() / "rabbitmqctl", "-q", *arguments)
        done = subprocess.run(
            command, env=self._environment(), cwd=self.folder, capture_output=True, text=True, check=False
        )
        if done.returncode:
            message = f"rabbitmqctl {arguments[0]} failed: {done.stderr or done.stdout}"
            raise RuntimeError(message)
        return done.stdout

    def add_vhost(self, name: str) -> str:
        """Make a virtual host, a world of its own for exchanges and queues, and return its URL."""
        # One file instead of two commands: starting rabbitmqctl is what takes the time.
        definitions = self.folder / f"vhost-{name}.json"
        all_rights = {"user": _USER, "vhost": name, "configure": ".*", "write": ".*", "read": ".*"}
        definitions.write_text(json.dumps({"vhosts": [{"name": name}], "permissions": [all_rights]}))
        self.control("import_definitions", definitions)
        definitions.unlink()
        return self.url_of(name)

    def _configure(self) -> None:
        if not self.port:
            self.port, self._epmd_port, self._distribution_port = (free_port() for _ in range(3))
        (self.folder / "ports").write_text(json.dumps([self.port, self._epmd_port, self._distribution_port]))
        (self.folder / "environment").write_text("")
        (self.folder / "plugins").write_text("[].\n")
        configuration = self.folder / "rabbitmq.conf"
        configuration.touch(mode=0o600)
        configuration.write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\n"
            f"default_user = {_USER}\n"
            f"default_pass = {self._password()}\n"
            "log.file = false\n"
            "log.console = true\n"
            "log.console.level = warning\n"
            "log.console.formatter = json\n"
        )

    def _password(self) -> str:
        path = self.folder / "password"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(24))
        return path.read_text()

    def _environment(self) -> dict[str, str]:
        """Name everything that a node would otherwise share with the machine's own."""
        folder = self.folder
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "HOME": str(folder),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "environment"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_NODENAME": "fangfan@localhost",
            "RABBITMQ_DIST_PORT": str(self._distribution_port),
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": _ERLANG,
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self._epmd_port),
        }

    def _launch(self, scripts: Path) -> None:
        log, environment = self.folder / "node.log", self._environment()
        # Our child: the epmd that a node starts by itself outlives it.
        self._epmd = self._account.spawn("epmd", cwd=self.folder, log=log, env=environment)
        self._node = self._account.spawn(
            scripts / "rabbitmq-server", cwd=self.folder, log=log, env=environment
        )
        deadline = time.monotonic() + _START_SECONDS
        while self._node.poll() is None and time.monotonic() < deadline:
            if self._speaks_amqp():
                return
            time.sleep(0.1)
        message = f"RabbitMQ did not start:\n{last_words(log)}"
        raise CannotStart(message)

    def _speaks_amqp(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.sendall(_HELLO)
                return connection.recv(len(_START_FRAME)) == _START_FRAME
        except OSError:
            return False

    def _release(self) -> None:
        self._node = None
        if self._epmd:
            end(self._epmd, signal.SIGTERM, _STOP_SECONDS)
            self._epmd = None
        if self._claim:
            self._claim.close()
            self._claim = None
