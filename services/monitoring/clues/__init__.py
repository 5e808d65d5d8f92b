"""Clues (线索): what may mean risk, from whichever source, in one inbox."""
