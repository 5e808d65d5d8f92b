"""村级网格 — grids of a village: some tens of households, and the officer who looks after them."""
