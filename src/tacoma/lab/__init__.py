"""The laboratory: what is done with worlds. Run, replay, and look at the results."""
