"""Laws of motion: one file per law, each a compiled function over the arrays it touches."""
