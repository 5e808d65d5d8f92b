"""Self-applications (自主申报): a person tells of their own hardship, and can ask what became of it."""
