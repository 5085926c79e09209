"""Exact figures of floating point numbers, and numbers that are hard on arithmetic."""

import math
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

#: Half the distance from 1 to the next float32, and to the next double.
U32, U64 = 2.0**-24, 2.0**-53
#: The least float32 above 0, and the largest.
TINY32, MAX32 = 2.0**-149, float(np.finfo(np.float32).max)

HARD32 = [
    0.0, -0.0, 1.0, -1.0, 1e38, -1e38, 3.4e38, 1e19, -1.9e19, 1e-38, 1e-40, -1e-45, TINY32,
    16777217.0, 1 + 2**-23, 1e8, -1e8, 0.1,
]  # fmt: skip
HARD64 = [*HARD32, 1e308, -1e308, 5e-324, -2.5e-310, 2.0**53 + 2, 1e16, -1e16]
SPECIAL = [math.nan, math.inf, -math.inf]


def floats(width, *, special=True, largest=None):
    """Numbers of a type: hard ones half of the time."""
    hard = HARD32 if width == 32 else HARD64
    if largest is not None:
        hard = [value for value in hard if abs(value) <= largest]
    finite = st.floats(
        -largest if largest else None, largest, width=width, allow_nan=False, allow_infinity=False
    )
    found = st.sampled_from(np.array(hard, f"f{width // 8}").tolist()) | finite
    return found | st.sampled_from(SPECIAL) if special else found


def arrays(dtype, shape, elements):
    return hnp.arrays(dtype, shape, elements=elements, fill=st.nothing())


def total(values):
    """The sum of numbers, without any rounding."""
    return sum((Fraction(float(value)) for value in values), Fraction(0))


def mean(values):
    return total(values) / len(values)


def variance(values):
    """The population's, without any rounding."""
    center = mean(values)
    return sum((Fraction(float(value)) - center) ** 2 for value in values) / len(values)


def root(value):
    """The square root of a fraction, to 100 bits or more, as a fraction."""
    if value == 0:
        return Fraction(0)
    shift = max(0, 220 - (value.numerator.bit_length() - value.denominator.bit_length()))
    shift += shift % 2
    whole = (value.numerator << shift) // value.denominator
    return Fraction(math.isqrt(whole), 1) / (1 << (shift // 2))


def within(found, exact, bound):
    """Whether a double lies within a bound of an exact number."""
    return math.isfinite(found) and abs(Fraction(found) - Fraction(exact)) <= Fraction(bound)
