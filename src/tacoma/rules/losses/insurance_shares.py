"""Shares of an insurance fund's vault: what they are worth, when they are rebased, what is lost."""

from tacoma.compile import rule


@rule
def shares_of_amount(amount: int, total_shares: int, vault: int) -> int:
    """
    Return how many shares an amount of the vault is, rounded down; one each in an empty vault.

    Domain: all >= 0, amount * total_shares < 2**63; an empty vault has no shares.
    Source: Drift v2 math/insurance.rs, vault_amount_to_if_shares.
    """
    if vault == 0:
        return amount
    return amount * total_shares // vault


@rule
def amount_of_shares(shares: int, total_shares: int, vault: int) -> int:
    """
    Return what shares of the vault are worth, rounded down; 0 where no shares exist.

    Domain: 0 <= shares <= total_shares, vault * shares < 2**63.
    Source: Drift v2 math/insurance.rs, if_shares_to_vault_amount.
    """
    if total_shares == 0:
        return 0
    return vault * shares // total_shares


@rule
def shares_lost_by_waiting(
    shares: int, requested_amount: int, total_shares: int, vault: int
) -> int:
    """
    Return how many shares a withdrawal request forfeits when it is cancelled.

    Whoever asked to leave does not earn meanwhile: where the shares are worth more than the amount
    at the request, they shrink to what that amount buys from the others, rounded down. Else none.
    Domain: 0 <= shares <= total_shares, 0 <= requested_amount,
    max(vault, requested_amount) * total_shares < 2**63.
    Source: Drift v2 math/insurance.rs, calculate_if_shares_lost.
    """
    if amount_of_shares(shares, total_shares, vault) <= requested_amount:
        return 0
    bought = shares_of_amount(requested_amount, total_shares - shares, vault - requested_amount)
    return max(0, shares - bought)


@rule
def rebase_exponent(total_shares: int, vault: int) -> int:
    """
    Return by which power of ten shares are divided when they far outnumber the vault's tokens.

    The number of digits, less one, of shares / 10 / tokens, each rounded down; 0 means no rebase.
    Domain: total_shares >= 0, vault > 0.
    Source: Drift v2 math/insurance.rs, calculate_rebase_info.
    """
    excess = total_shares // 10 // vault
    exponent = 0
    while excess >= 10:
        excess //= 10
        exponent += 1
    return exponent
