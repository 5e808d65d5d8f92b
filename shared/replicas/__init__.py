"""Replicas: what a service keeps of another's aggregates, told by events, and rebuilt from a snapshot."""

from shared.replicas.replica import Below, Heard, Past, Replica, take

__all__ = ["Below", "Heard", "Past", "Replica", "take"]
