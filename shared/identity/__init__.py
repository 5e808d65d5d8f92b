"""Who calls, what they may do, which areas are theirs."""
