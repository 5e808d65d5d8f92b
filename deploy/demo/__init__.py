"""The story that ``make demo`` plays: one county's campaign, through the gateway like any client."""
