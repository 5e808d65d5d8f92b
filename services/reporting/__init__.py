"""Reporting: figures of any past moment, and the reports that are made of them.

Owns       read models built from events alone (facts in time), frozen self-inspection reports.
Publishes  nothing.
Reacts to  everything that household, inspection and monitoring publish.
"""
