"""Logs: one JSON object a line, with the trace, and without what is private, whoever wrote it."""

from __future__ import annotations

import subprocess
import sys

import orjson
import pytest

_PROGRAM = """
import logging
from shared.logging import configure, log
configure("notes")
log("shared.notes").info("note.written", note_id="n-1")
try:
    raise ValueError("Key (number)=(PRIVATE) exists. DETAIL: Failing row contains (王建国, PRIVATE)")
except ValueError:
    log("shared.notes").exception("note.failed")
try:
    raise ValueError("invalid input for query argument $12: '王建国' (value out of range)")
except ValueError:
    log("shared.notes").exception("note.failed")
try:
    raise ValueError("no null\\nDETAIL:  Failing row contains (a remark,\\nof lines, 王建国)\\n[SQL: INSERT]")
except ValueError as error:
    try:
        raise TypeError("wrapped") from error
    except TypeError:
        log("shared.notes").exception("note.failed")
logging.getLogger("sqlalchemy").error("phone %s", "PRIVATE")
logging.getLogger("sqlalchemy").info("not heard")
"""


@pytest.mark.check
@pytest.mark.parametrize(
    "private",
    [
        *("340621199003078275", "34062119900307827x", "340621900307827", "13800001234"),
        *("6228480402564890", "62284804025648901", "6228480402564890018"),
    ],
)
def test_what_is_private_is_blanked_in_words_that_others_wrote(private: str) -> None:
    program = _PROGRAM.replace("PRIVATE", private)
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert private not in ended.stderr
    assert "王建国" not in ended.stderr
    lines = [orjson.loads(line) for line in ended.stderr.splitlines()]
    assert [line["event"] for line in lines] == [
        "note.written",
        "note.failed",
        "note.failed",
        "note.failed",
        "phone […]",
    ]
    assert "TypeError: wrapped" in lines[3]["exception"]
    assert lines[0] | {"timestamp": ""} == {
        "event": "note.written",
        "level": "info",
        "note_id": "n-1",
        "service": "notes",
        "timestamp": "",
    }
