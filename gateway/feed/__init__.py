"""The change feed and its webhooks: what happened in the house, for those outside who keep in step.

Names are masked here: whoever may see them reads the resource itself, inside its area.
"""
