"""HTTP, written once: what an endpoint needs to be ten lines long."""

from shared.web.caller import Caller, requires
from shared.web.concurrency import IfMatch, tagged
from shared.web.problems import refusals
from shared.web.routing import Paging, Reading, Router, Writing
from shared.web.uploads import Upload, receive_upload

__all__ = [
    "Caller",
    "IfMatch",
    "Paging",
    "Reading",
    "Router",
    "Upload",
    "Writing",
    "receive_upload",
    "refusals",
    "requires",
    "tagged",
]
