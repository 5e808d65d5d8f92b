"""Teams: village officers, resident work teams and helpers who carry out a campaign."""
