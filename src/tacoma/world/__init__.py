"""The world: plain arrays that are the state of everything, built from a scenario."""
