"""The inspector's figures beside exact ones, on numbers that are hard on arithmetic."""

import math
from fractions import Fraction

import exact
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import defib

pytestmark = pytest.mark.engine

INTEGERS = ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"]
few = settings(
    deadline=None, max_examples=150, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)


def check(array):
    """Counts and extremes are exact; mean and spread within (16 + 4n)·2⁻⁵³ of the RMS."""
    seen = defib.inspect(array)
    assert (seen.count, seen.shape) == (array.size, array.shape)
    figures = seen.figures
    if array.size == 0:
        assert figures is None
        return
    flat = [value.item() for value in array.ravel()]
    finite = [value for value in flat if math.isfinite(value)]
    assert figures["finite"] == len(finite)
    assert figures["nan"] == sum(value != value for value in flat)
    assert figures["positive_infinity"] == flat.count(math.inf)
    assert figures["negative_infinity"] == flat.count(-math.inf)
    assert figures["zeros"] == sum(value == 0 for value in flat)
    assert figures["negative"] == sum(value < 0 for value in flat)
    if not finite:
        assert "mean" not in figures
        return
    assert figures["min"] == min(finite)
    assert figures["max"] == max(finite)
    assert array[tuple(figures["min_index"])] == min(finite)
    assert array[tuple(figures["max_index"])] == max(finite)
    whole = [Fraction(value) for value in finite]
    center = sum(whole) / len(whole)
    spread = exact.root(sum((value - center) ** 2 for value in whole) / len(whole))
    size = exact.root(sum(value**2 for value in whole) / len(whole))
    bound = (16 + 4 * len(whole)) * Fraction(exact.U64) * size + Fraction(5e-324)
    for name, value in (("mean", center), ("std", spread)):
        assert exact.within(figures[name], value, bound), (name, figures[name], float(value))


@few
@given(exact.arrays("f8", st.integers(0, 40), exact.floats(64)))
@example(np.array([1e308, 1e308, -1e308]))
@example(np.array([1e16, 1, -1e16] * 5))
@example(np.array([5e-324, 1e-310, -0.0]))
def test_doubles(array):
    check(array)


@few
@given(exact.arrays("f4", st.tuples(st.integers(0, 6), st.integers(1, 7)), exact.floats(32)))
def test_floats_in_any_order(array):
    check(array)
    check(np.asfortranarray(array[::-1]))


@few
@given(st.sampled_from(INTEGERS), st.data())
def test_integers_up_to_their_ends(dtype, data):
    limits = np.iinfo(dtype)
    ends = st.sampled_from([limits.min, limits.max, limits.max - 1, 0, 1])
    numbers = ends | st.integers(limits.min, limits.max)
    check(data.draw(exact.arrays(dtype, st.integers(0, 30), numbers)))


@few
@given(st.lists(st.integers(1, (1 << 23) - 1), min_size=1, max_size=9), st.booleans())
def test_a_nan_is_one_whatever_it_carries(payloads, negative):
    bits = np.array([0x7F800000 | payload for payload in payloads], np.uint32)
    array = np.append((bits | (negative << 31)).astype(np.uint32).view(np.float32), np.float32(2))
    check(array)
    wide = (np.array(payloads, np.uint64) | np.uint64(0x7FF0000000000000)).view(np.float64)
    check(np.append(wide, 2.0))
    half = np.array([0x7C00 | max(1, payload & 0x3FF) for payload in payloads], np.uint16)
    check(half.view(np.float16))
