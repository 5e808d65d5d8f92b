"""The rulebook (规则库): when what is known of somebody means risk, in words that an official can read."""
