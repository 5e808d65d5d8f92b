"""Assignments: who visits which household in a campaign, grid by grid, with equal loads."""
