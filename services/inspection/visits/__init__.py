"""Visits: the prefilled form, the answers, and the findings and risk signals that come of them."""
