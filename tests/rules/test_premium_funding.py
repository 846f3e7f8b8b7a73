"""Funding of sampled premiums."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.fundings import premium_funding
from tacoma.rules.numbers.arithmetic import PPM

SAMPLES = st.lists(st.integers(-(2**31), 2**31 - 1), max_size=80)
RATES = st.integers(0, PPM)


@given(SAMPLES, RATES)
def test_tails_are_cut_from_both_ends(samples, removal_ppm):
    """What is kept is the middle of the sorted samples, and the top loses at most one more."""
    kept = premium_funding.without_tails(samples, removal_ppm)
    removed = len(samples) - len(kept)
    assert removed == premium_funding.removed_samples(len(samples), removal_ppm)
    if removed == 0:
        assert kept == samples
    else:
        assert kept == sorted(samples)[removed // 2 :][: len(kept)]
        assert 0 < len(kept)


@pytest.mark.parametrize(
    ("total", "count", "count_min", "mean"),
    [
        (0, 0, 0, 0),
        (0, 0, 60, 0),
        (59, 1, 60, 0),
        (-59, 1, 60, 0),
        (-61, 1, 60, -1),
        (61, 61, 60, 1),
        (100, 3, 0, 33),
        (-100, 3, 0, -33),
    ],
)
def test_mean_counts_missing_samples_as_zeros(total, count, count_min, mean):
    """Missing samples pull the mean toward zero, and so does the rounding."""
    assert premium_funding.zero_padded_mean(total, count, count_min) == mean


@given(SAMPLES, st.integers(0, 70))
def test_premium_without_trimming_is_the_padded_mean(samples, count_min):
    """The premium of an interval is its mean over the expected number of samples."""
    premium = premium_funding.premium_ppm(samples, count_min, 0)
    assert premium == premium_funding.zero_padded_mean(sum(samples), len(samples), count_min)


def test_zeros_are_trimmed_like_samples():
    """Padding comes before trimming: zeros of missing samples take part in it."""
    assert premium_funding.premium_ppm([8, 8], 4, 250_000) == 4
    assert premium_funding.premium_ppm([8], 4, 250_000) == 0


@pytest.mark.parametrize(
    ("premium", "default", "limit", "rate"),
    [(5, 3, 10, 8), (9, 3, 10, 10), (-9, -3, 10, -10), (9, 3, 0, 0), (10, 0, 10, 10)],
)
def test_rate_table(premium, default, limit, rate):
    """Premium and default together stay within the limit, both ends included."""
    assert premium_funding.rate_ppm(premium, default, limit) == rate


def test_limit_is_a_multiple_of_what_lies_between_the_margins():
    """Six times the gap between initial and maintenance rate; nothing where they are equal."""
    assert premium_funding.rate_limit_ppm(6_000_000, 50_000, 30_000) == 120_000
    assert premium_funding.rate_limit_ppm(6_000_000, 50_000, 50_000) == 0
    assert premium_funding.rate_limit_ppm(1, 999_999, 0) == 0


@given(st.integers(-(10**9), 10**9), st.integers(0, 86_400), st.integers(0, 10**20))
def test_index_moves_alike_in_both_directions(rate, elapsed, price):
    """Two truncations equal one, and a negative rate moves the index as far down as up."""
    delta = premium_funding.index_delta_ppm(rate, elapsed, 28_800, price, 1, 10**8)
    assert abs(delta) == abs(rate) * elapsed * price // (10**8 * 28_800)
    assert premium_funding.index_delta_ppm(-rate, elapsed, 28_800, price, 1, 10**8) == -delta


def test_longs_pay_when_the_index_rises_and_the_account_bears_the_rounding():
    """A settlement is exact in millionths; an account's sum rounds down."""
    assert premium_funding.settlement_ppm(7, 5, 3) == -6
    assert premium_funding.settlement_ppm(7, 5, -3) == 6
    assert premium_funding.settled_quanta(999_999) == 0
    assert premium_funding.settled_quanta(-1) == -1
