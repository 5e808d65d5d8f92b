"""Checklists: the areas and items of an inspection, as versioned data."""
