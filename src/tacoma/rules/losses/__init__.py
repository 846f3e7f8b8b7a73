"""Who bears a loss: insurance, deleveraging, pools, clearing funds, everybody."""
