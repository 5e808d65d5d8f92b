"""Probable duplicates (疑似重复人员): who may be one person registered twice, and what was decided of it."""
