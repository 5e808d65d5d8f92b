"""Words and numbers of the field: divisions, identity numbers, names, money, codes, working days, income lines."""
