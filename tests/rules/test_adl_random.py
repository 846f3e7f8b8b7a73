"""A pseudo-random start: reproducible, well spread, and every account once."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.losses.adl_random import first_position, mix, mix_pair, walked_position

ANY = st.integers(-(2**63), 2**63 - 1)
WHOLE = st.integers(0, 2**62 - 1)


def test_mix_is_pinned():
    """Recorded walks stay what they were: the mixing function never changes."""
    assert [mix(value) for value in (0, 1, 2, 2**62 - 1)] == [
        3022232777253205869,
        1051881143818071766,
        3405995616913648220,
        3598346852611171062,
    ]


@given(ANY)
def test_mix_stays_in_range(value):
    """Whatever the seed, the result has 62 bits; only the lowest 62 of the seed count."""
    assert 0 <= mix(value) < 2**62
    assert mix(value) == mix(value % 2**62)


@given(WHOLE, WHOLE)
def test_mix_is_one_to_one(one, other):
    """Different seeds give different results, as each step can be undone."""
    assert (mix(one) == mix(other)) == (one == other)


@given(WHOLE, st.integers(0, 61))
def test_every_bit_matters(seed, bit):
    """Changing one bit of the seed changes many of the result."""
    changed = (mix(seed) ^ mix(seed ^ (1 << bit))).bit_count()
    assert 8 <= changed <= 54


@given(ANY, ANY)
def test_order_matters(seed, salt):
    """Seed and salt are not interchangeable."""
    assert (mix_pair(seed, salt) == mix_pair(salt, seed)) <= (seed % 2**62 == salt % 2**62)


def test_starts_are_spread_evenly():
    """Over many seeds or many salts every position is the first about equally often."""
    for starts in (
        Counter(first_position(seed, 7, 10) for seed in range(10_000)),
        Counter(first_position(7, salt, 10) for salt in range(10_000)),
    ):
        assert all(850 <= starts[position] <= 1_150 for position in range(10))


@given(ANY, ANY, st.integers(1, 200))
def test_a_walk_visits_everyone_once(seed, salt, count):
    """From the first account the walk goes round and meets each account exactly once."""
    first = first_position(seed, salt, count)
    visited = [walked_position(first, step, count) for step in range(count)]
    assert visited[0] == first
    assert sorted(visited) == list(range(count))
