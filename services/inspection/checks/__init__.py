"""实地检查 — checks of villages, inspected objects and the county's mechanisms, item by item."""
