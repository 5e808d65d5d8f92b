"""人员查询 — people found by name in signs or letters, by number, by phone, by any of their facts."""
