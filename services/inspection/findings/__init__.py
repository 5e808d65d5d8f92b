"""Findings: the ledger (问题台账) with its four lists, from raising to closure."""
