"""Positions and balances: what a fill makes of them, what they are worth and count for."""
