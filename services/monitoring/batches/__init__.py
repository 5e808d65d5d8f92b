"""Batches of departments' rows (批次), and what became of each row: as they are kept."""
