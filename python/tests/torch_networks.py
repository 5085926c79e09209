"""Networks as people write them, for the torch exporter and the parity of the engine."""

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import weight_norm
from torch_recurrences import Cells, Gated, Loop, Stateful, Words
from torch_transformers import Attention, Causal, Encoder, Fused, Patches, Translator


class Residual(nn.Module):
    def __init__(self, inside, outside, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(inside, outside, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outside)
        self.conv2 = nn.Conv2d(outside, outside, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outside)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = None
        if stride != 1 or inside != outside:
            self.downsample = nn.Sequential(
                nn.Conv2d(inside, outside, 1, stride, bias=False), nn.BatchNorm2d(outside)
            )

    def forward(self, x):
        identity = x if self.downsample is None else self.downsample(x)
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += identity
        return self.relu(out)


class ResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 6, 3, padding=1), nn.BatchNorm2d(6), nn.ReLU(), nn.MaxPool2d(2)
        )
        self.layers = nn.ModuleList([Residual(6, 6), Residual(6, 10, 2)])
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(10, 4)

    def forward(self, x):
        x = self.stem(x)
        for layer in self.layers:
            x = layer(x)
        return self.fc(torch.flatten(self.pool(x), 1))


def vgg():
    parts = []
    for inside, outside in ((3, 6), (6, 8)):
        parts += [nn.Conv2d(inside, outside, 3, padding=1), nn.BatchNorm2d(outside), nn.ReLU()]
        parts += [nn.Conv2d(outside, outside, 3, padding=1), nn.BatchNorm2d(outside), nn.ReLU()]
        parts += [nn.MaxPool2d(2, 2)]
    head = [nn.Flatten(), nn.Linear(8 * 2 * 2, 12), nn.ReLU(), nn.Dropout(), nn.Linear(12, 4)]
    return nn.Sequential(*parts, *head)


def separable():
    return nn.Sequential(
        nn.Conv2d(4, 4, 3, padding=1, groups=4), nn.BatchNorm2d(4), nn.ReLU6(),
        nn.Conv2d(4, 8, 1), nn.BatchNorm2d(8), nn.Hardswish(), nn.AdaptiveAvgPool2d(1),
        nn.Flatten(), nn.Linear(8, 3),
    )  # fmt: skip


def waves():
    return nn.Sequential(
        nn.Conv1d(2, 6, 5, 2, 2), nn.BatchNorm1d(6), nn.LeakyReLU(0.1),
        nn.Conv1d(6, 8, 3, dilation=2), nn.GELU(), nn.AvgPool1d(2), nn.Flatten(), nn.Linear(16, 3),
    )  # fmt: skip


class AutoEncoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 4, 3, 2, 1), nn.ELU(), nn.Conv2d(4, 6, 3, 2, 1), nn.SELU(), nn.Flatten()
        )
        self.code = nn.Linear(6 * 2 * 2, 3)
        self.back = nn.Linear(3, 6 * 2 * 2)
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(6, 4, 3, 2, 1, 1), nn.Softplus(),
            nn.ConvTranspose2d(4, 1, 3, 2, 1, 1), nn.Sigmoid(),
        )  # fmt: skip

    def forward(self, x):
        code = self.code(self.encoder(x))
        return self.decoder(F.silu(self.back(code)).view(-1, 6, 2, 2)), code


class Many(nn.Module):
    """Images, figures and categories in; a class and a number out."""

    def __init__(self):
        super().__init__()
        self.image = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.AdaptiveMaxPool2d(1))
        self.category = nn.Embedding(5, 3)
        self.figures = nn.Sequential(nn.BatchNorm1d(4), nn.Linear(4, 6), nn.Tanh())
        self.shared = weight_norm(nn.Linear(13, 8))
        self.kind = nn.Linear(8, 3)
        self.value = nn.Linear(8, 1)

    def forward(self, image, figures, category):
        parts = [self.image(image).flatten(1), self.figures(figures), self.category(category)]
        h = F.relu(self.shared(torch.cat(parts, dim=1)))
        return {"kind": self.kind(h), "value": self.value(h).squeeze(-1)}


def ids(length, limit):
    return lambda rows: torch.randint(limit, (rows, length) if length else (rows,))


NETWORKS = {
    "vgg": (vgg, [(3, 8, 8)]),
    "resnet": (ResNet, [(3, 8, 8)]),
    "depthwise": (separable, [(4, 6, 6)]),
    "1-d cnn": (waves, [(2, 16)]),
    "lstm": (Words, [ids(6, 11)]),
    "gru": (Gated, [(4, 3)]),
    "states": (Stateful, [(4, 3)]),
    "cells": (Cells, [(3, 3)]),
    "loop": (Loop, [(4, 3)]),
    "transformer": (Encoder, [(5, 3)]),
    "transformer pre-norm": (lambda: Encoder(norm_first=True), [(5, 3)]),
    "transformer time first": (lambda: Encoder(batch_first=False, activation="relu"), [(5, 3)]),
    "attention": (Attention, [(6, 8)]),
    "fused attention": (Fused, [(5, 4)]),
    "causal attention": (Causal, [(6, 8)]),
    "autoencoder": (AutoEncoder, [(1, 8, 8)]),
    "many": (Many, [(1, 5, 5), (4,), ids(0, 5)]),
    "patches": (Patches, [(1, 8, 8)]),
    "translator": (Translator, [(4, 4), (3, 4)]),
    "bag": (lambda: nn.EmbeddingBag(7, 3), [ids(4, 7)]),
    "bare lstm cell": (lambda: nn.GRUCell(3, 2), [(3,)]),
    "encoder layer": (
        lambda: nn.TransformerEncoderLayer(4, 2, 8, 0.0, batch_first=True), [(3, 4)]),
}  # fmt: skip
