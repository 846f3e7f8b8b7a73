"""Exact integer arithmetic: products, quotients, roots and powers, each with its rounding named."""
