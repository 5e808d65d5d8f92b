"""动员培训 — training sessions of a campaign, and who came."""
