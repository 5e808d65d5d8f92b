"""历史 — a household's life told step by step: who did what, when, why, and from which source."""
