"""The stages of a waterfall: one file each, run in the order that a rulebook lists."""
