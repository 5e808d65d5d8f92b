"""区划调整 — changes of boundaries: divisions named anew, split, merged, on a day; households follow them."""
