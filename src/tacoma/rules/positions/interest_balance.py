"""Balances that grow with an interest index: what a stored balance is worth in tokens and money."""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import ceil_div


@rule
def tokens_of_deposit(balance: int, interest_index: int, scale: int) -> int:
    """
    Return the tokens of a deposit: balance * index / scale, rounded down.

    Domain: balance, interest_index >= 0, scale > 0, balance * interest_index < 2**63.
    Source: Drift v2 math/spot_balance.rs, get_token_amount (scale 10**(19 - decimals)).
    """
    return balance * interest_index // scale


@rule
def tokens_of_debt(balance: int, interest_index: int, scale: int) -> int:
    """
    Return the tokens of a debt: balance * index / scale, rounded up.

    Domain: balance, interest_index >= 0, scale > 0, balance * interest_index < 2**63.
    Source: Drift v2 math/spot_balance.rs, get_token_amount (scale 10**(19 - decimals)).
    """
    return ceil_div(balance * interest_index, scale)


@rule
def value_of_tokens(tokens: int, price: int, token_unit: int) -> int:
    """
    Return the value of signed tokens: tokens * price / unit, rounded toward minus infinity.

    An asset counts for at most, a debt for at least what it is worth.
    Domain: |tokens * price| < 2**63, token_unit > 0.
    Source: Drift v2 math/spot_balance.rs, get_token_value and get_strict_token_value.
    """
    return tokens * price // token_unit
