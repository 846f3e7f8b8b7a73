"""
Venue rules, each written once as a pure function over integers.

Each folder holds one topic, each file one idea: `numbers` (arithmetic), `prices`, `positions`,
`margins`, `portfolios` (options and scenario grids), `liquidations`, `losses` (insurance,
deleveraging, sharing) and `fundings`. No rule is named after a venue; its docstring names the
sources.

A rule is a function of plain integers (or int64 arrays with a count) that returns an integer, a
truth value or, where it must, writes into an array its caller owns. It holds no state, reads no
clock, draws no random number, allocates nothing inside a loop and never touches a float.

One source, three ways to run it, one result:

- compiled by numba over int64, as the engine names it;
- called from Python over unbounded integers, where overflow does not exist: conformance runs so;
- interpreted over `numpy.int64` scalars, as coverage runs the engine (`NUMBA_DISABLE_JIT=1`).

Units: money is quanta (1e-6 USD), size is lots, price is quanta per lot, a rate is a numerator
over a denominator, parts per million (`_ppm`) or parts per billion (`_ppb`), time carries its
unit in the name. Every division names its rounding; `//` and `%` floor.

Limits that every rule assumes unless it states its own: 0 <= price < 2**31 quanta per lot,
|lots| < 2**31, one account's notional and cost below 2**61 quanta in absolute value, its equity
below 2**62 (`tacoma.bounds` says why), rates below 2**30 in ppm or ppb. Arguments are signed
integers: a uint64 next to an int64 would become a float.
"""
