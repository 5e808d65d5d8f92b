"""家庭收入 — yearly statements of income, explained line by line."""
