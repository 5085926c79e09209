"""timm: the smallest of each of its families that fits into a test."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from functools import partial

from . import without_kernels
from .images import CLASSES, classified
from .subject import Subject, Trial

#: The side of the pictures for each; what has none is made for that size.
SIDES = {
    "halonet26t": 256, "botnet26t_256": 256, "gernet_s": 64, "repvgg_a0": 64, "test_byobnet": 64,
    "coat_tiny": 224, "coat_lite_tiny": 224, "convit_tiny": 224, "convmixer_768_32": 32,
    "convnext_atto": 64, "test_convnext": 64, "crossvit_tiny_240": 240, "cspresnet50": 64,
    "darknet17": 64, "davit_tiny": 64, "deit_tiny_patch16_224": 224, "densenet121": 64,
    "dla46_c": 64, "dpn48b": 64, "edgenext_xx_small": 64, "efficientformer_l1": 224,
    "efficientformerv2_s0": 224, "mixnet_s": 64, "tinynet_e": 64, "test_efficientnet": 64,
    "efficientnet_lite0": 64, "efficientvit_b0": 64, "efficientvit_m0": 224, "fasternet_t0": 64,
    "fastvit_t8": 64, "focalnet_tiny_srf": 64, "gcvit_xxtiny": 224, "ghostnet_050": 64,
    "ghostnetv2_100": 64, "hardcorenas_a": 64, "hgnetv2_b0": 64, "hiera_tiny_224": 224,
    "hrnet_w18_small": 64, "inception_next_atto": 64, "levit_128s": 224, "mambaout_femto": 64,
    "test_maxvit": 160, "test_coatnet": 160, "caformer_s18": 64, "poolformer_s12": 64,
    "gmlp_ti16_224": 224, "gmixer_12_224": 224, "resmlp_12_224": 224, "lcnet_035": 64,
    "mobilenetv4_conv_small_035": 64, "mobilevit_xxs": 64, "mobilevitv2_050": 64,
    "mvitv2_tiny": 224, "nest_tiny": 224, "test_nfnet": 64, "eca_nfnet_l0": 64, "pit_ti_224": 224,
    "pvt_v2_b0": 64, "rdnet_tiny": 64, "regnetx_002": 64, "regnety_002": 64, "repghostnet_050": 64,
    "repvit_m0_9": 64, "res2net50d": 64, "resnest14d": 64, "resnet10t": 64, "test_resnet": 64,
    "resnetv2_18": 64, "rexnet_100": 64, "selecsls42": 64, "legacy_seresnet18": 64,
    "sequencer2d_s": 224, "shvit_s1": 64, "skresnet18": 64, "starnet_s050": 64,
    "swiftformer_xs": 224, "swin_tiny_patch4_window7_224": 224,
    "swinv2_tiny_window8_256": 256, "swinv2_cr_tiny_224": 224, "tiny_vit_5m_224": 224,
    "tnt_s_patch16_224": 224, "tresnet_m": 64, "twins_svt_small": 224, "visformer_tiny": 224,
    "test_vit": 160, "test_vit2": 160, "test_vit3": 160, "test_vit4": 160,
    "vit_tiny_r_s16_p8_224": 224, "test_vit_relpos": 160, "vitamin_small_224": 224,
    "ese_vovnet19b_dw": 64, "xception41": 64, "xcit_nano_12_p16_224": 224, "volo_d1_224": 224,
}  # fmt: skip


def subjects() -> Iterator[Subject]:
    """Return the models of timm."""
    for name, side in SIDES.items():
        yield Subject("timm", name, partial(_model, name, side))


def _model(name: str, side: int) -> Trial:
    without_kernels.torchvision()
    timm = importlib.import_module("timm")
    return classified(timm.create_model(name, num_classes=CLASSES), side, rows=2)
