"""dYdX v4, the functions over accounts: what a subaccount and a perpetual look like as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tacoma.rules.liquidations import fillable_price, liquidatable_size
from tacoma.rules.losses import deleverage_offset, insurance_delta
from tacoma.rules.margins import cross_account, risk_state
from tacoma.rules.margins.cross_account import Account, Market, Markets, Position, Risk
from tacoma.rules.numbers import notional

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tacoma.conform.dialects import Serve

Json = Any
Result = dict[str, Any]

QUOTE_RESOLUTION = -6

INVALID_DELTA = "ErrInvalidPerpetualPositionSizeDelta"
NO_FILL = "ErrInvalidQuantumsForInsuranceFundDeltaCalculation"
NO_PERPETUAL = "ErrPerpetualDoesNotExist"
NO_POSITION = "ErrNoPerpetualPositionsToLiquidate"
REFUSED = "ErrFailedToUpdateSubaccounts"
ALREADY_LIQUIDATED = "ErrSubaccountHasLiquidatedPerpetual"
NOTIONAL_OVERRUN = "ErrLiquidationExceedsSubaccountMaxNotionalLiquidated"
INSURANCE_OVERRUN = "ErrLiquidationExceedsSubaccountMaxInsuranceLost"


def failure(error: str) -> Result:
    """Return what a case gives that the venue refuses with a named error."""
    return {"error": error, "value": None, "success": False}


def power_of_ten(exponent: int) -> tuple[int, int]:
    """Return 10 ** exponent as numerator and denominator."""
    return (10**exponent, 1) if exponent >= 0 else (1, 10**-exponent)


def price_scale(market: Json) -> tuple[int, int]:
    """Return the scale that turns base quantums * price into quote quantums."""
    return power_of_ten(market["res"] + market["exp"] - QUOTE_RESOLUTION)


def market_of(source: Json) -> Market:
    """Read one perpetual with its liquidity tier, price, open interest and funding index."""
    numerator, denominator = price_scale(source)
    return Market(
        price=source["price"],
        scale_numerator=numerator,
        scale_denominator=denominator,
        initial_ppm=source.get("imf_ppm", 0),
        fraction_ppm=source.get("mf_ppm", 0),
        open_interest_lower=source.get("oi_lower", 0),
        open_interest_upper=source.get("oi_upper", 0),
        open_interest=source.get("oi", 0),
        funding_index=source.get("funding_index", 0),
        chosen_initial_ppm=source.get("custom_imf_ppm", 0),
    )


def markets_of(inputs: Json) -> Markets:
    """Read the perpetuals of a case by their numbers."""
    return {int(number): market_of(source) for number, source in inputs["markets"].items()}


def positions_of(source: Json) -> tuple[Position, ...]:
    """Read the positions of an account or of an update."""
    return tuple(
        Position(
            int(position["market"]),
            position["size"],
            position.get("funding_index", 0),
            position.get("quote_balance", 0),
        )
        for position in source.get("positions", ())
    )


def account_of(source: Json) -> Account:
    """Read one subaccount."""
    return Account(source.get("usdc", 0), positions_of(source))


def written(account: Account) -> Result:
    """Write a subaccount as the source does."""
    return {
        "usdc": account.cash,
        "positions": [position._asdict() for position in account.positions],
    }


def current_risk(inputs: Json, markets: Markets) -> Risk:
    """Return the risk of a case's account, its funding settled."""
    return cross_account.account_risk(
        cross_account.settled(account_of(inputs["account"]), markets), markets
    )


def _is_liquidatable(inputs: Json, _tables: Json) -> Result:
    risk = current_risk(inputs, markets_of(inputs))
    return {"value": risk_state.is_liquidatable(risk.equity, risk.maintenance)}


def _bankruptcy_price(inputs: Json, _tables: Json) -> Result:
    account, markets = account_of(inputs["account"]), markets_of(inputs)
    quote = deleverage_offset.account_takeover(
        account, markets, int(inputs["market"]), inputs["delta"]
    )
    return failure(INVALID_DELTA) if quote is None else {"value": quote}


def _fillable(inputs: Json, _tables: Json) -> Result:
    markets, market = markets_of(inputs), int(inputs["market"])
    size = cross_account.size_in(account_of(inputs["account"]), market)
    if not deleverage_offset.is_reduction(size, inputs["delta"]):
        return failure(INVALID_DELTA)
    position = cross_account.position_risk(markets[market], size)
    total = current_risk(inputs, markets)
    config = inputs["config"]
    price = fillable_price.fillable_price_exact(
        size,
        position.equity,
        total.equity,
        total.maintenance,
        position.maintenance,
        config["bankruptcy_adj_ppm"],
        config["spread_to_mmr_ppm"],
    )
    return {"value": price}


def _insurance_fund_delta(inputs: Json, _tables: Json) -> Result:
    amount = inputs["fill_amount"]
    if amount == 0:
        return failure(NO_FILL)
    scale = power_of_ten(inputs["quantum_conversion_exponent"])
    quote = notional.notional_truncated(amount, inputs["subticks"], *scale)
    side = 1 if inputs["is_buy"] else -1
    takeover = deleverage_offset.account_takeover(
        account_of(inputs["account"]), markets_of(inputs), int(inputs["market"]), side * amount
    )
    if takeover is None:
        return failure(INVALID_DELTA)
    cap = inputs["max_liq_fee_ppm"]
    return {"value": insurance_delta.insurance_delta_quanta(-side * quote, takeover, cap)}


def _liquidatable_size_delta(inputs: Json, _tables: Json) -> Result:
    number = int(inputs["market"])
    account, config = account_of(inputs["account"]), inputs["config"]
    size = cross_account.size_in(account, number)
    if size == 0:
        return failure(NO_POSITION)
    market = markets_of(inputs)[number]
    worth = abs(cross_account.notional(market, size))
    left = liquidatable_size.remaining_limit(
        config["max_notional"], inputs.get("notional_liquidated", 0)
    )
    if left < 0:
        return failure(NOTIONAL_OVERRUN)
    largest = liquidatable_size.largest_liquidatable_quanta(
        worth, config["min_pos_notional"], config["max_portion_ppm"]
    )
    allowed = min(left, largest)
    allowed_size = notional.size_truncated(
        allowed, market.price, market.scale_numerator, market.scale_denominator
    )
    amount = liquidatable_size.liquidatable_size(
        abs(size), worth, allowed, allowed_size, inputs["step_base_quantums"]
    )
    return {"value": -amount if size > 0 else amount}


def _notional_window(inputs: Json, _tables: Json) -> Result:
    market = markets_of(inputs).get(int(inputs["market"]))
    if market is None:
        return failure(NO_PERPETUAL)
    worth = abs(cross_account.notional(market, inputs["size"]))
    minimum = inputs["min_pos_notional"]
    return {
        "min": liquidatable_size.smallest_liquidatable_quanta(worth, minimum),
        "max": liquidatable_size.largest_liquidatable_quanta(
            worth, minimum, inputs["max_portion_ppm"]
        ),
    }


def _block_limits(inputs: Json, _tables: Json) -> Result:
    if inputs.get("already_liquidated"):
        return failure(ALREADY_LIQUIDATED)
    notional_left = liquidatable_size.remaining_limit(
        inputs["max_notional"], inputs.get("notional_liquidated", 0)
    )
    insurance_left = liquidatable_size.remaining_limit(
        inputs["max_insurance_lost"], abs(inputs.get("insurance_lost", 0))
    )
    if notional_left < 0:
        return failure(NOTIONAL_OVERRUN)
    if insurance_left < 0:
        return failure(INSURANCE_OVERRUN)
    return {"max_notional": notional_left, "max_insurance_lost": insurance_left}


def _can_deleverage(inputs: Json, _tables: Json) -> Result:
    risk = current_risk(inputs, markets_of(inputs))
    price = deleverage_offset.deleveraging_price(
        risk.equity, bool(inputs.get("final_settlement", False))
    )
    return {
        "at_bankruptcy_price": price == deleverage_offset.AT_BANKRUPTCY_PRICE,
        "at_oracle_price": price == deleverage_offset.AT_ORACLE_PRICE,
    }


def iteration_order(order: Json, count: int, liquidated: int) -> Iterable[int]:
    """
    Return the places of the counterparties as they are asked.

    `order` is "listed", "reversed", the place in the list of others to start from (as the venue
    does, at a pseudo-random one), or the places themselves.
    """
    if isinstance(order, list):
        return order
    others = [place for place in range(count) if place != liquidated]
    if order == "reversed":
        return others[::-1]
    if isinstance(order, int) and others:
        start = order % len(others)
        return others[start:] + others[:start]
    if order == "listed":
        return others
    raise ValueError(f'iteration_order = {order!r}: give "listed", "reversed", a place or places.')


def _offset_sequence(inputs: Json, _tables: Json) -> Result:
    accounts = [account_of(account) for account in inputs["accounts"]]
    liquidated = inputs["liquidated_index"]
    result = deleverage_offset.offset_sequence(
        accounts,
        liquidated,
        iteration_order(inputs.get("iteration_order", "listed"), len(accounts), liquidated),
        markets_of(inputs),
        int(inputs["market"]),
        inputs["delta"],
        bool(inputs.get("final_settlement", False)),
    )
    return {
        "fills": [list(fill) for fill in result.fills],
        "remaining": result.remaining,
        "accounts": [written(account) for account in result.accounts],
    }


def _process(inputs: Json, is_at_oracle_price: bool) -> Result:
    """Serve one offset of two accounts, at the price of the bankrupt one or at the oracle's."""
    liquidated, other = account_of(inputs["liquidated"]), account_of(inputs["offsetting"])
    markets, market, delta = markets_of(inputs), int(inputs["market"]), inputs["delta"]
    if is_at_oracle_price:
        quote: int | None = cross_account.notional(markets[market], -delta)
    else:
        quote = deleverage_offset.account_takeover(liquidated, markets, market, delta)
    if quote is None:
        return failure(INVALID_DELTA)
    offset = deleverage_offset.offset_pair(liquidated, other, markets, market, delta, quote)
    after = {"liquidated": written(offset.liquidated), "offsetting": written(offset.counterparty)}
    if offset.outcome == deleverage_offset.OFFSET_INVALID_SIZE:
        return failure(INVALID_DELTA) | after
    if offset.outcome == deleverage_offset.OFFSET_REFUSED:
        return failure(REFUSED) | after
    return {"success": True} | after


def _process_at_bankruptcy_price(inputs: Json, _tables: Json) -> Result:
    return _process(inputs, is_at_oracle_price=False)


def _process_at_oracle_price(inputs: Json, _tables: Json) -> Result:
    return _process(inputs, is_at_oracle_price=True)


def _risk_after_update(inputs: Json, _tables: Json) -> Result:
    markets, update = markets_of(inputs), inputs.get("update", {})
    before, deltas = account_of(inputs["account"]), positions_of(update)
    if any(position.market not in markets for position in (*before.positions, *deltas)):
        return failure(NO_PERPETUAL)
    settled = cross_account.settled(before, markets)
    after = cross_account.updated(settled, update.get("usdc", 0), deltas, markets)
    risk = cross_account.account_risk(after, markets)
    return {"nc": risk.equity, "imr": risk.initial, "mmr": risk.maintenance}


FUNCTIONS: dict[str, Serve] = {
    "account_risk_after_update": _risk_after_update,
    "bankruptcy_price_quote_quantums": _bankruptcy_price,
    "block_limits_remaining": _block_limits,
    "can_deleverage": _can_deleverage,
    "fillable_price": _fillable,
    "insurance_fund_delta": _insurance_fund_delta,
    "is_liquidatable": _is_liquidatable,
    "liquidatable_size_delta": _liquidatable_size_delta,
    "min_max_position_notional_liquidatable": _notional_window,
    "offset_position_sequence": _offset_sequence,
    "process_deleveraging_at_bankruptcy_price": _process_at_bankruptcy_price,
    "process_deleveraging_at_oracle_price": _process_at_oracle_price,
    "process_deleveraging_rounding": _process_at_bankruptcy_price,
}
