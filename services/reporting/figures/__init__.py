"""Figures: each defined once, counted by division at any moment, and traced back to what it counts."""
