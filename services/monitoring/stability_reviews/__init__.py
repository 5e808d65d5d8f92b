"""Stability reviews (全面核查): whether the risks of eliminated objects are stably gone, asked of all at once."""
