"""MONAI: networks for pictures of the body, in two and three dimensions."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from .images import CLASSES, classified, segmented
from .subject import Subject, Trial

#: name: how it is made, sides of the pictures, whether it classifies
MODELS: dict[str, tuple[Callable[[Any], Any], tuple[int, ...], bool]] = {
    "UNet 2d": (lambda n: n.UNet(2, 1, 3, (4, 8, 16), (2, 2)), (32, 32), False),
    "UNet 3d": (lambda n: n.UNet(3, 1, 3, (4, 8), (2,), num_res_units=1), (16, 16, 16), False),
    "BasicUNet": (lambda n: n.BasicUNet(2, 1, 3, (4, 4, 8, 8, 16, 4)), (32, 32), False),
    "AttentionUnet": (lambda n: n.AttentionUnet(2, 1, 3, (4, 8, 16), (2, 2)), (32, 32), False),
    "DynUNet": (lambda n: n.DynUNet(2, 1, 3, [3, 3, 3], [1, 2, 2], [2, 2]), (32, 32), False),
    "SegResNet": (lambda n: n.SegResNet(2, 8, 1, 3), (32, 32), False),
    "VNet": (lambda n: n.VNet(2, 1, 3, act="relu"), (32, 32), False),
    "HighResNet": (lambda n: n.HighResNet(2, 1, 3), (24, 24), False),
    "UNETR": (
        lambda n: n.UNETR(1, 3, (32, 32), feature_size=4, hidden_size=32, mlp_dim=64,
                          num_heads=4, spatial_dims=2),
        (32, 32), False,
    ),
    "SwinUNETR": (lambda n: n.SwinUNETR(1, 3, feature_size=12, spatial_dims=2), (64, 64), False),
    "DenseNet121": (lambda n: n.DenseNet121(2, 1, CLASSES), (64, 64), True),
    "resnet10": (lambda n: n.resnet10(spatial_dims=2, n_input_channels=1, num_classes=CLASSES),
                 (32, 32), True),
    "SEResNet50": (lambda n: n.SEResNet50(spatial_dims=2, in_channels=1, num_classes=CLASSES),
                   (64, 64), True),
    "EfficientNetBN": (
        lambda n: n.EfficientNetBN("efficientnet-b0", pretrained=False, spatial_dims=2,
                                   in_channels=1, num_classes=CLASSES),
        (64, 64), True,
    ),
}  # fmt: skip


def subjects() -> Iterator[Subject]:
    """Return the models of MONAI."""
    for name in MODELS:
        yield Subject("monai", name, partial(_model, name))


def _model(name: str) -> Trial:
    make, sides, classifies = MODELS[name]
    model = make(importlib.import_module("monai.networks.nets"))
    if classifies:
        return classified(model, sides, channels=1)
    return segmented(model, sides, channels=1)
