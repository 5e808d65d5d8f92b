"""Campaigns: a concentrated inspection of all households, its phases, town schedules and progress."""
