"""Chaos: real processes under load are killed, cut off and held up, and then everything is counted again."""
