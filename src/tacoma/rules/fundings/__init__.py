"""Funding: the rates that longs and shorts pay each other, and how they accrue."""
