"""周调度 — weekly dispatch: a week's figures, frozen for ever, with the people, matters and results to watch."""
