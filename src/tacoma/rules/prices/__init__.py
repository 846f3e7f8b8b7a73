"""Prices: index, mark, premium, impact, what a book or a pool gives; when a price may be used."""
