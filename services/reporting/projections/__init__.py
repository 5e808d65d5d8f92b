"""Read models: what each aggregate was, and from when to when."""
