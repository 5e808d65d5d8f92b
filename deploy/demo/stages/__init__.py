"""The stages of the story, in the order in which a county goes through them."""
