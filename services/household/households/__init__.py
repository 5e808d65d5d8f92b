"""Households and their members: the registry's one aggregate."""
