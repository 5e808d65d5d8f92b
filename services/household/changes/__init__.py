"""Natural changes (自然增减): births, deaths, leave, new heads, splits, mergers, transfers, and their undoing."""
