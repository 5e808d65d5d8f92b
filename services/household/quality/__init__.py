"""数据质量 — checks of what is registered, kept as data: what is found, how grave it is, what to do about it."""
