"""What belongs to a process ends with it."""

from __future__ import annotations

import subprocess
import sys

import psutil
import pytest

_CHILD = """
import os, time
from shared.parent import end_with_parent

end_with_parent(int(os.environ["FANGFAN_PARENT"]))
print(os.getpid(), flush=True)
time.sleep(600)
"""
_PARENT = f"""
import os, subprocess, sys

subprocess.run([sys.executable, "-c", {_CHILD!r}], env=os.environ | {{"FANGFAN_PARENT": str(os.getpid())}})
"""


def test_a_child_ends_with_its_killed_parent() -> None:
    with subprocess.Popen([sys.executable, "-c", _PARENT], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    gone, _ = psutil.wait_procs([child], timeout=5)
    assert gone == [child]


@pytest.mark.parametrize("stranger", [1, 2**22])
def test_a_child_whose_parent_is_gone_already_does_not_begin(stranger: int) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _CHILD],
        env={"FANGFAN_PARENT": str(stranger)},
        stdout=subprocess.PIPE,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (0, b"")
