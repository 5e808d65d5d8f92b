"""Tallies: what progress is read from, kept by every transaction that changes what is counted."""
