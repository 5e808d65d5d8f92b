"""Whether two records tell of one person: one judge for the registry, its imports and the comparisons.

``agreement`` says how two values agree, ``scoring`` what that is worth, ``keys`` which records are to be looked at
at all: of 700,000 people no one compares each with each.
"""

from shared.domain.matching.agreement import How, same_name
from shared.domain.matching.facts import Facts
from shared.domain.matching.keys import keys_of
from shared.domain.matching.scoring import REVIEW_FROM, Agreement, Match, compare

__all__ = ["REVIEW_FROM", "Agreement", "Facts", "How", "Match", "compare", "keys_of", "same_name"]
