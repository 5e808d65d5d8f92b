"""Doubts (疑点): what a department's negative list says of a household, to be explained and never a verdict."""
