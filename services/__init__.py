"""The four services: each owns one truth and calls no other."""
