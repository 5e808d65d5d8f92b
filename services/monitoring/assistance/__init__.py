"""Assistance (帮扶): plans and measures, matched to risks."""
