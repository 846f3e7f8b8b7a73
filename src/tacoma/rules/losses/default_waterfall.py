"""
A clearing house's default waterfall: who bears the loss that a defaulter leaves, in which order.

Usual layers: the defaulter's margin, its default fund contribution, the clearing house's own
capital ("skin in the game"), the survivors' contributions pro rata, assessments up to a cap, a
haircut on variation margin gains, and at last the tear-up of positions. Survivors' initial margin
is not a layer.
"""

import numpy as np
from numpy.typing import NDArray

from tacoma.compile import rule
from tacoma.rules.losses.sharing import allocate_pro_rata
from tacoma.rules.numbers.arithmetic import PPM, mul_div_ceil, mul_div_floor


@rule
def consume_layers(
    loss_quanta: int,
    capacities_quanta: NDArray[np.int64],
    count: int,
    out: NDArray[np.int64],
) -> int:
    """
    Write what each layer bears of a loss, first to last; return what none of them covers.

    A layer bears all that it can before the next one bears anything. A capacity below 0 counts as
    0. A loss of zero or less consumes nothing. Exact: the parts and the result sum to the loss.
    Domain: |loss| < 2**62, |capacities| < 2**62, count <= length of both arrays.
    Source: PFMI principle 4 and Regulation (EU) 648/2012 (EMIR) art. 45 (default waterfall).
    """
    rest = max(0, loss_quanta)
    for layer in range(count):
        borne = min(rest, max(0, capacities_quanta[layer]))
        out[layer] = borne
        rest -= borne
    return rest


@rule
def skin_in_the_game_quanta(capital_quanta: int, share_ppm: int) -> int:
    """
    Return the clearing house's own layer: a share of its required capital, rounded up.

    Domain: 0 <= capital < 2**53, 0 <= share_ppm <= PPM.
    Source: Delegated Regulation (EU) 153/2013 art. 35 (25 % of the minimum capital).
    """
    return mul_div_ceil(capital_quanta, share_ppm, PPM)


@rule
def assessment_cap_quanta(
    contribution_quanta: int, multiple_ppm: int, already_called_quanta: int
) -> int:
    """
    Return how much more a surviving member can be called for, in quanta, rounded down.

    A multiple of its default fund contribution, less what was called before; never below 0.
    Domain: 0 <= contribution < 2**42, 0 <= multiple_ppm < 2**30, |already called| < 2**62.
    Source: public rulebooks of clearing houses (powers of assessment, one to three times the
    contribution per default).
    """
    return max(0, mul_div_floor(contribution_quanta, multiple_ppm, PPM) - already_called_quanta)


@rule
def haircut_gains(
    loss_quanta: int, gains_quanta: NDArray[np.int64], count: int, out: NDArray[np.int64]
) -> int:
    """
    Write what each gain pays towards a loss, pro rata; return what the gains do not cover.

    Shares are rounded by largest remainder, so they sum to the smaller of loss and all gains, and
    no share exceeds its gain. Losers (gains of zero or less) pay nothing.
    Domain: |loss| < 2**62, the positive gains sum to less than 2**62. One temporary array.
    Source: ISDA, CCP loss allocation at the end of the waterfall (2013): variation margin gains
    haircutting; permitted by EMIR art. 45(4), ESMA Q&A 887.
    """
    weights = np.empty(count, dtype=np.int64)
    total = 0
    for position in range(count):
        weights[position] = max(0, gains_quanta[position])
        total += weights[position]
    loss = max(0, loss_quanta)
    shared = min(loss, total)
    allocate_pro_rata(shared, weights, count, out)
    return loss - shared


@rule
def cover_n_quanta(losses_quanta: NDArray[np.int64], count: int, n: int) -> int:
    """
    Return the sum of the n largest stressed losses: what a default fund of "cover n" must hold.

    Members without a loss count 0; with n of `count` or more it is the sum of all losses. Exact.
    Domain: |losses| < 2**53, 0 <= n, count <= length of the array.
    Source: PFMI principle 4, key consideration 4 (cover 1, cover 2).
    """
    total = 0
    last_loss = 0
    last_position = -1
    for taken in range(min(n, count)):
        best_loss = 0
        best_position = -1
        for position in range(count):
            loss = losses_quanta[position]
            is_later = taken == 0 or loss < last_loss
            if loss == last_loss and position > last_position:
                is_later = True
            if is_later and loss > best_loss:
                best_loss = loss
                best_position = position
        if best_position < 0:
            return total
        total += best_loss
        last_loss = best_loss
        last_position = best_position
    return total
