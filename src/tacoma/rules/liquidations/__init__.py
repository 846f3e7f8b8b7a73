"""Liquidation: how much, at which price, at which fee, by whom, and until when."""
