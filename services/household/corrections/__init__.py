"""Corrections: facts found to be otherwise, on visits or by comparison, accepted or refused by rules kept as data."""
