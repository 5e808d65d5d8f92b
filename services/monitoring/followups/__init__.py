"""Follow-ups (跟踪回访): who was visited, what was found, and who is to be visited until when."""
