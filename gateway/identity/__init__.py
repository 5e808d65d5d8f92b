"""Who may come in: clients, their secrets and tokens."""
