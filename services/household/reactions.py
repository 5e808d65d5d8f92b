"""The registry reacts to nobody: it is where facts come from."""

from __future__ import annotations

from shared.messaging.reactions import Reactions

REACTIONS = Reactions("household")
