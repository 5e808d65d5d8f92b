"""Names on the wire, for those who carry messages and those who describe them."""

from __future__ import annotations

#: The topic exchange that all events pass; the routing key is the event's type.
EXCHANGE = "fangfan.events"
CONTENT_TYPE = "application/cloudevents-batch+json"
