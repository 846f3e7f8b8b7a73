"""Index prices: weighted median and Binance's two protected means."""

import json
from fractions import Fraction
from math import ceil, floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import shared_file
from tacoma.rules.prices import index

SOURCES = st.lists(
    st.tuples(st.integers(0, 2**31 - 1), st.integers(0, 2**28 - 1)), min_size=0, max_size=16
)
CLOSE_SOURCES = st.lists(
    st.tuples(st.integers(900, 1100), st.integers(0, 3)), min_size=0, max_size=16
)


def call(rule, sources, *parameters):
    """Call a rule with (price, weight) pairs, as arrays longer than the count."""
    prices = np.array([*(price for price, _ in sources), -7], dtype=np.int64)
    weights = np.array([*(weight for _, weight in sources), 99], dtype=np.int64)
    scratch = np.full(17, -1, dtype=np.int64)
    return int(rule(prices, weights, len(sources), *parameters, scratch))


def reference_median(sources):
    """Return the floor of the ordinary median of the prices that have a weight."""
    prices = sorted(price for price, weight in sources if weight > 0)
    if not prices:
        return 0
    return (prices[(len(prices) - 1) // 2] + prices[len(prices) // 2]) // 2


def reference_mean(sources):
    total = sum(weight for _, weight in sources)
    return sum(price * weight for price, weight in sources) // total


@pytest.mark.parametrize(
    ("sources", "median"),
    [
        ([], 0),
        ([(100, 0)], 0),
        ([(100, 1)], 100),
        ([(100, 1), (200, 1)], 100),
        ([(200, 1), (100, 1)], 100),
        ([(100, 1), (200, 2)], 200),
        ([(100, 2), (200, 1), (300, 1)], 100),
        ([(100, 2), (200, 1), (300, 2)], 200),
        ([(100, 0), (200, 1), (300, 0)], 200),
        ([(300, 1), (300, 1), (100, 1)], 300),
    ],
)
def test_weighted_median_takes_the_lower_of_two(sources, median):
    """Exactly half of the weight is enough, and a source without weight does not exist."""
    assert call(index.weighted_median, sources) == median


@given(SOURCES)
def test_weighted_median_is_the_median_of_repeated_prices(sources):
    """At most half of the weight lies strictly on either side of the weighted median."""
    median = call(index.weighted_median, sources)
    total = sum(weight for _, weight in sources)
    if total == 0:
        assert median == 0
        return
    assert 2 * sum(weight for price, weight in sources if price < median) < total
    assert 2 * sum(weight for price, weight in sources if price <= median) >= total
    assert median in [price for price, weight in sources if weight > 0]


@given(SOURCES, st.randoms(use_true_random=False))
def test_the_order_of_sources_does_not_matter(sources, random):
    """An index is a function of the set of sources."""
    shuffled = random.sample(sources, len(sources))
    assert call(index.weighted_median, sources) == call(index.weighted_median, shuffled)
    for rule in (index.weighted_mean_capped, index.weighted_mean_or_median):
        assert call(rule, sources, 30_000) == call(rule, shuffled, 30_000)


def test_order_is_by_price_and_stable():
    """The cheapest comes first, equal prices keep their order, no weight means no place."""
    prices = np.array([300, 100, 300, 100, 200], dtype=np.int64)
    weights = np.array([1, 1, 1, 1, 0], dtype=np.int64)
    order = np.zeros(5, dtype=np.int64)
    live = index.order_by_price(prices, weights, 5, order)
    assert list(order[:live]) == [1, 3, 0, 2]


@given(SOURCES)
def test_plain_median_counts_each_source_once(sources):
    """The median of the live sources, the middle two averaged and rounded down."""
    assert call(index.plain_median, sources) == reference_median(sources)


@given(st.one_of(SOURCES, CLOSE_SOURCES), st.integers(0, 10**6))
def test_capped_mean_is_the_mean_of_limited_prices(sources, cap_ppm):
    """The capped mean equals its definition and stays inside the exact band."""
    result = call(index.weighted_mean_capped, sources, cap_ppm)
    median = reference_median(sources)
    low = ceil(median * (1 - Fraction(cap_ppm, 10**6)))
    high = floor(median * (1 + Fraction(cap_ppm, 10**6)))
    if sum(weight for _, weight in sources) == 0:
        assert result == 0
        return
    limited = [(min(max(price, low), high), weight) for price, weight in sources]
    assert result == reference_mean(limited)
    assert low <= result <= high


@given(st.one_of(SOURCES, CLOSE_SOURCES), st.integers(0, 10**6))
def test_mean_or_median_follows_its_definition(sources, deviation_ppm):
    """One stray source is left out, two turn the index into the median."""
    live = [source for source in sources if source[1] > 0]
    median = reference_median(sources)
    near = [
        (price, weight)
        for price, weight in live
        if abs(price - median) <= median * Fraction(deviation_ppm, 10**6)
    ]
    expected = median if not near or len(live) - len(near) > 1 else reference_mean(near)
    assert call(index.weighted_mean_or_median, sources, deviation_ppm) == expected


@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        ((1000, 1000, 1000, 1050), 1012),
        ((1000, 1000, 1000, 1051), 1000),
        ((1000, 1000, 1000, 950), 987),
        ((1000, 1000, 1000, 949), 1000),
        ((1000, 1000, 1000, 1051, 949), 1000),
        ((1000, 1000, 1002, 1200, 1200), 1002),
        ((1000,), 1000),
        ((900, 1100), 1000),
    ],
)
def test_a_deviation_of_exactly_the_limit_is_allowed(prices, expected):
    """A source strays strictly beyond 5 %; two strays give the median."""
    sources = [(price, 1) for price in prices]
    assert call(index.weighted_mean_or_median, sources, 50_000) == expected


def published(name):
    return json.loads(shared_file("vectors/oracle_mark_and_breakers.json").read_text())[name]


def test_published_hyperliquid_weighted_median():
    """The published prices and weights give the published median."""
    for case in published("hyperliquid_oracle_weights")["cases"]:
        sources = list(zip(case["prices"], case["weights"], strict=True))
        assert call(index.weighted_median, sources) == case["weighted_median"]


def test_published_binance_cap():
    """Among two sources at the median, the third counts for the published capped price."""
    for case in published("binance_index_cap")["cases"]:
        median, price = int(case["median"]), int(case["price"])
        assert (median, price) == (case["median"], case["price"])
        sources = [(median, 1), (median, 1), (price, 1)]
        expected = (2 * median + case["used"]) // 3
        assert call(index.weighted_mean_capped, sources, 30_000) == expected
        # The weight hides nothing: almost all of it on the third source gives its price alone.
        sources = [(median, 1), (median, 1), (price, 10**8)]
        assert abs(call(index.weighted_mean_capped, sources, 30_000) - case["used"]) <= 1
