"""Measurements: our real path beside a yardstick, in one run on one machine, as a ratio."""
