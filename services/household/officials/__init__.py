"""帮扶责任人 — who is responsible for a lifted household, in time; how they kept contact, and what they carry."""
