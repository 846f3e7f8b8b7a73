"""The waterfall: one file per stage, run in the order that a rulebook lists."""
