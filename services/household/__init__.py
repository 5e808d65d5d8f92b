"""The household registry (农户登记): who lives where, in which circumstances, since when.

Owns       divisions, households, members, yearly incomes, responsible officials, code lists, bulk imports.
Publishes  household.division_changed, household.registered, household.changed.
Reacts to  nothing: what others find is theirs, and comes here as a change somebody makes.
"""
