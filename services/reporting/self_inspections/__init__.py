"""Self-inspection reports (自查报告): of a town or park, and of the county, frozen when they are made."""
