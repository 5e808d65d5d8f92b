"""Tables as offices send them, read the same way by every service that takes files."""
