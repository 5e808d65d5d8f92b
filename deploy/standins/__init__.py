"""Stand-ins for systems that a demo or a test cannot reach: they speak the public API like the real ones."""
