"""Replicas: what monitoring has learned from the household registry."""
