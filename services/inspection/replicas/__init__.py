"""Replicas: what inspection has learned from the household registry and from monitoring."""
