"""segmentation-models-pytorch: every architecture over a small encoder."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from functools import partial

from . import without_kernels
from .images import segmented
from .subject import Subject, Trial

ARCHITECTURES = (
    "Unet", "UnetPlusPlus", "MAnet", "Linknet", "FPN", "PSPNet", "PAN", "DeepLabV3",
    "DeepLabV3Plus", "UPerNet", "Segformer",
)  # fmt: skip


def subjects() -> Iterator[Subject]:
    """Return the models of segmentation-models-pytorch."""
    for name in ARCHITECTURES:
        yield Subject("segmentation-models-pytorch", name, partial(_model, name))


def _model(name: str) -> Trial:
    without_kernels.torchvision()
    library = importlib.import_module("segmentation_models_pytorch")
    made = getattr(library, name)("resnet18", encoder_weights=None, classes=3)
    # PAN halves a 32nd of the picture three times.
    return segmented(made, 256 if name == "PAN" else 64)
