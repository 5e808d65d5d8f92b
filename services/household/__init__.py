"""The household registry (农户登记): who lives where, in which circumstances, since when.

Owns       divisions, households, members, natural changes, yearly incomes, responsible officials, code lists, bulk
           imports, probable duplicates.
Publishes  household.division_changed, household.registered, household.changed; household.split, household.merged and
           household.member_transferred, which say where people went; household.record_merged and
           household.record_unmerged, of somebody who was registered twice; household.corrections_decided.
Reacts to  its own news, since whoever changes a household need not know who looks for duplicates;
           inspection.corrections_proposed and monitoring.corrections_proposed (facts found to be otherwise), and
           monitoring.corrections_withdrawn (what is not said any more).
"""
