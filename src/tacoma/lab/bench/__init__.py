"""What the engine costs on this machine, as figures and as ratios to what the machine can do."""
