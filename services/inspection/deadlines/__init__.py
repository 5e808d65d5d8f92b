"""Deadlines that act: what falls due is told, what is overdue is marked, what stays so goes to the table above."""
