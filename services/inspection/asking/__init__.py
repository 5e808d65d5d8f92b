"""Asking: items put to somebody at a door or on a site, and what comes of the answers."""
