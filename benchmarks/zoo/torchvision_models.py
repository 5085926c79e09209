"""torchvision: classification, segmentation and video, the smallest of each family."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from . import without_kernels
from .images import CLASSES, classified, segmented
from .subject import Subject, Trial

CLASSIFIERS = {
    "alexnet": 64, "vgg11": 32, "vgg11_bn": 32, "resnet18": 64, "resnet50": 64,
    "resnext50_32x4d": 64, "squeezenet1_0": 64, "squeezenet1_1": 64, "densenet121": 64,
    "googlenet": 64, "inception_v3": 299, "mnasnet0_5": 64, "mobilenet_v2": 64,
    "mobilenet_v3_small": 64, "mobilenet_v3_large": 64, "shufflenet_v2_x0_5": 64,
    "efficientnet_b0": 64, "efficientnet_v2_s": 64, "regnet_x_400mf": 64, "regnet_y_400mf": 64,
    "convnext_tiny": 64, "vit_b_32": 224, "swin_t": 64, "swin_v2_t": 64, "maxvit_t": 224,
}  # fmt: skip
SEGMENTERS = ("fcn_resnet50", "deeplabv3_mobilenet_v3_large", "lraspp_mobilenet_v3_large")
VIDEO = {"r3d_18": (4, 32, 32), "mc3_18": (4, 32, 32), "r2plus1d_18": (4, 32, 32),
         "s3d": (16, 224, 224), "swin3d_t": (4, 64, 64)}  # fmt: skip


def subjects() -> Iterator[Subject]:
    """Return the models of torchvision."""
    for name, side in CLASSIFIERS.items():
        yield Subject("torchvision", name, partial(_classifier, name, side))
    for name in SEGMENTERS:
        yield Subject("torchvision", name, partial(_segmenter, name))
    for name, sides in VIDEO.items():
        yield Subject("torchvision", name, partial(_video, name, sides))


def _classifier(name: str, side: int) -> Trial:
    models = without_kernels.torchvision().models
    options = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    trial = classified(models.get_model(name, num_classes=CLASSES, **options), side)
    return replace(trial, heads=bool(options))


def _segmenter(name: str) -> Trial:
    models = without_kernels.torchvision().models
    return segmented(models.get_model(name, num_classes=3, weights_backbone=None), 64)


def _video(name: str, sides: tuple[int, ...]) -> Trial:
    models = without_kernels.torchvision().models
    return classified(models.get_model(name, num_classes=CLASSES), sides, rows=3)
