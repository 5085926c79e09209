"""x-transformers: what its readme shows, small."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from functools import partial
from typing import Any

import torch
from torch import nn

from .images import CLASSES, classified
from .subject import Subject, Trial

TOKENS, LENGTH = 20, 12
#: Options of the layers.
VARIANTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "rotary": {"rotary_pos_emb": True},
    "alibi": {"alibi_pos_bias": True},
    "relative bias": {"rel_pos_bias": True},
    "rms norm and swiglu": {"use_rmsnorm": True, "ff_glu": True, "ff_swish": True},
    "grouped queries": {"attn_kv_heads": 2},
    "qk norm": {"attn_qk_norm": True},
    "gated residual": {"gate_residual": True},
    "sandwich norm": {"sandwich_norm": True},
}


def subjects() -> Iterator[Subject]:
    """Return the models of x-transformers."""
    for name in VARIANTS:
        yield Subject("x-transformers", f"decoder, {name}", partial(_decoder, name))
    yield Subject("x-transformers", "encoder", _encoder)
    yield Subject("x-transformers", "vision", _vision)


def _layers(kind: str, **options: Any) -> Any:
    library = importlib.import_module("x_transformers")
    return getattr(library, kind)(dim=32, depth=2, heads=4, attn_dim_head=8, **options)


def _language(layers: Any) -> Trial:
    library = importlib.import_module("x_transformers")
    model = library.TransformerWrapper(num_tokens=TOKENS, max_seq_len=LENGTH, attn_layers=layers)
    x = torch.randint(0, TOKENS, (4, LENGTH))
    return Trial(model, x, x.roll(-1, 1), nn.CrossEntropyLoss())


def _decoder(name: str) -> Trial:
    return _language(_layers("Decoder", **VARIANTS[name]))


def _encoder() -> Trial:
    return _language(_layers("Encoder"))


def _vision() -> Trial:
    library = importlib.import_module("x_transformers")
    layers = _layers("Encoder")
    model = library.ViTransformerWrapper(
        image_size=16, patch_size=4, num_classes=CLASSES, attn_layers=layers
    )
    return classified(model, 16, rows=4)
