"""Margin schedules, what an account must hold, and how it stands against that."""
