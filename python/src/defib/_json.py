"""JSON as the engine writes it, with the numbers that JSON lacks."""

from __future__ import annotations

import json
from typing import Any

from ._errors import DefibError

_NUMBERS = {text: float(text) for text in ("NaN", "Infinity", "-Infinity", "nan", "inf", "-inf")}


def parsed(name: str, text: str) -> Any:
    """Read what a function of the engine wrote."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise DefibError(f"{name} wrote JSON that cannot be read: {error}") from error


#: Keys whose values are names and other texts, whatever they are.
_TEXTS = {
    "descr", "digest", "framework", "kind", "layer", "member", "name", "node", "op", "order",
    "parameter", "path", "text", "type", "unit", "warnings",
}  # fmt: skip


def decoded(value: Any) -> Any:
    """Turn the texts that stand for non-finite numbers into floats, at any depth.

    What is a name stays one: a file, a layer or a column may be called "nan".
    """
    if isinstance(value, str):
        return _NUMBERS.get(value, value)
    if isinstance(value, list):
        return [decoded(item) for item in value]
    if isinstance(value, dict):
        return {key: item if key in _TEXTS else decoded(item) for key, item in value.items()}
    return value
