"""行政区划 — the tree from province to village."""
