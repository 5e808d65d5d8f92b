"""排查对象 — what is inspected besides households: stations, workshops, counters, projects, assets."""
