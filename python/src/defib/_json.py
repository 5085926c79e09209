"""Numbers that JSON lacks."""

from __future__ import annotations

from typing import Any

_NUMBERS = {text: float(text) for text in ("NaN", "Infinity", "-Infinity", "nan", "inf", "-inf")}


def decoded(value: Any) -> Any:
    """Turn the texts that stand for non-finite numbers into floats, at any depth."""
    if isinstance(value, str):
        return _NUMBERS.get(value, value)
    if isinstance(value, list):
        return [decoded(item) for item in value]
    if isinstance(value, dict):
        return {key: decoded(item) for key, item in value.items()}
    return value
