"""Limits that act: what passed its limit is marked, told, and goes to the town's and the county's table."""
