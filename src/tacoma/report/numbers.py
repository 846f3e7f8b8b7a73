"""How amounts and prices are written for people."""


def money(usd: float) -> str:
    """Return an amount as people write it: `12.3 bn`, `4.56 M`, `789 k`, `12` (US dollars)."""
    size = abs(usd)
    for limit, unit in ((1e9, " bn"), (1e6, " M"), (1e3, " k")):
        if size >= limit * 0.9995:
            scaled = usd / limit
            digits = 2 if abs(scaled) < 10 else 1 if abs(scaled) < 100 else 0
            return f"{scaled:,.{digits}f}{unit}"
    return f"{usd:,.0f}" if size >= 0.5 or not size else "< 1"


def price(usd: float) -> str:
    """Return a price with about five significant digits."""
    size = abs(usd)
    digits = 0 if size >= 10_000 else 2 if size >= 10 else 4 if size >= 0.1 else 6
    return f"{usd:,.{digits}f}"


def scale(largest_usd: float) -> tuple[float, str]:
    """Return the divisor and the unit in which an axis shows amounts up to `largest_usd`."""
    for limit, unit in ((2e9, "billion USD"), (1e6, "million USD"), (1e3, "thousand USD")):
        if abs(largest_usd) >= limit:
            return (1e9 if limit == 2e9 else limit), unit
    return 1.0, "USD"
