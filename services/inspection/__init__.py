"""Inspection (集中排查): campaigns, checklists, visits, and the findings ledger with its four lists.

Owns       campaigns with their phases and town schedules, checklists (data), visits, findings.
Publishes  inspection.campaign_opened, campaign_closed, household_visited, finding_raised, finding_planned,
           finding_rectified, finding_returned, finding_closed, finding_reopened.
Reacts to  household.* (replicas of divisions and households, so that the visit form knows what is known) and
           monitoring.* (which households are monitored, so that the items on monitoring are asked where they
           apply).
"""
