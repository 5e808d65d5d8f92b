"""承诺授权书 — what a household has consented to: scope, date, evidence, expiry, withdrawal."""
