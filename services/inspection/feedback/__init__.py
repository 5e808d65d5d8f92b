"""考核反馈 — files of findings that assessments fed back, taken into the ledger line by line."""
