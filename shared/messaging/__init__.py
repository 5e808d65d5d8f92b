"""Events: stored with the change, published once committed, handled once."""
