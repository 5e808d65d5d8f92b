"""An S3-compatible store of a test session's own: rclone's server over a folder, which checks signatures."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from deploy.local.processes import free_port

_START_SECONDS = 30
_KEY, _SECRET = "fangfan", "a secret of these tests alone"


@dataclass
class ObjectServer:
    """The server, which a test may stop; buckets are folders."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    def bucket(self) -> str:
        """Return the URL of a new bucket."""
        name = f"b{uuid4().hex}"
        (self.folder / name).mkdir()
        return f"s3://{name}/photos?endpoint=http://127.0.0.1:{self.port}&region=us-east-1"

    def stop(self) -> None:
        """End it; nothing is lost that was put."""
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture
def object_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ObjectServer]:
    """Serve a folder as buckets, and put the credentials where S3 clients look for them."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", _KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", _SECRET)
    folder = tmp_path / "buckets"
    folder.mkdir()
    rclone = shutil.which("rclone", path=str(Path(sys.executable).parent))
    assert rclone
    port = free_port()
    command = [rclone, "serve", "s3", "--auth-key", f"{_KEY},{_SECRET}", "--addr", f"127.0.0.1:{port}"]
    own = ["--config", str(tmp_path / "rclone.conf"), "--cache-dir", str(tmp_path / "rclone")]
    with (tmp_path / "rclone.log").open("wb") as log:
        process = subprocess.Popen([*command, *own, str(folder)], stdout=log, stderr=log)
    server = ObjectServer(folder, port, process)
    try:
        _wait(server, tmp_path / "rclone.log")
        yield server
    finally:
        server.stop()


def _wait(server: ObjectServer, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", server.port), 1).close()
        except OSError:
            assert server.process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        else:
            return
