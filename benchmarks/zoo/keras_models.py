"""Keras: its applications, and models of its examples."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from .subject import Subject, Trial

CLASSES = 5

#: name in keras.applications -> side of the pictures
APPLICATIONS = {
    "ResNet50": 64, "ResNet50V2": 64, "VGG16": 32, "MobileNet": 64, "MobileNetV2": 64,
    "MobileNetV3Small": 64, "DenseNet121": 64, "EfficientNetB0": 64, "EfficientNetV2B0": 64,
    "InceptionV3": 96, "Xception": 96, "NASNetMobile": 64, "ConvNeXtTiny": 64,
}  # fmt: skip


def subjects() -> Iterator[Subject]:
    """Return the models of Keras."""
    for name, side in APPLICATIONS.items():
        yield Subject("keras", name, partial(_application, name, side))
    for name, make in EXAMPLES.items():
        yield Subject("keras", name, make)


def _numbers(*shape: int) -> Any:
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def _ids(high: int, *shape: int) -> Any:
    return np.random.default_rng(1).integers(0, high, shape)


def _application(name: str, side: int) -> Trial:
    keras = importlib.import_module("keras")
    make = getattr(keras.applications, name)
    model = make(weights=None, input_shape=(side, side, 3), classes=CLASSES)
    y = _ids(CLASSES, 3)
    return Trial(model, _numbers(3, side, side, 3), y, "sparse_categorical_crossentropy")


def _functional(build: Callable[[Any, Any], tuple[Any, Any]], x: Any, y: Any, loss: Any) -> Trial:
    keras = importlib.import_module("keras")
    inputs, outputs = build(keras, keras.layers)
    return Trial(keras.Model(inputs, outputs), x, y, loss)


def _mlp() -> Trial:
    def build(keras: Any, layers: Any) -> tuple[Any, Any]:
        x = keras.Input((8,))
        h = layers.Dense(16, "relu")(x)
        h = layers.Dropout(0.3)(layers.BatchNormalization()(h))
        return x, layers.Dense(1, "sigmoid")(h)

    return _functional(build, _numbers(16, 8), _ids(2, 16, 1), "binary_crossentropy")


def _wide_and_deep() -> Trial:
    def build(keras: Any, layers: Any) -> tuple[Any, Any]:
        x = keras.Input((8,))
        h = layers.Dense(8, "selu", kernel_initializer="lecun_normal")(x)
        return x, layers.Dense(1)(layers.Concatenate()([x, h]))

    return _functional(build, _numbers(16, 8), _numbers(16, 1), "huber")


def _recurrent(kind: str, wrap: bool = False) -> Trial:
    def build(keras: Any, layers: Any) -> tuple[Any, Any]:
        x = keras.Input((10, 3))
        layer = getattr(layers, kind)(6, return_sequences=True)
        h = layers.Bidirectional(layer)(x) if wrap else layer(x)
        h = getattr(layers, kind)(5)(h)
        return x, layers.Dense(1)(h)

    return _functional(build, _numbers(8, 10, 3), _numbers(8, 1), "mse")


def _texts(masked: bool) -> Trial:
    def build(keras: Any, layers: Any) -> tuple[Any, Any]:
        x = keras.Input((9,), dtype="int32")
        h = layers.Embedding(20, 6, mask_zero=masked)(x)
        h = layers.LSTM(5)(h)
        return x, layers.Dense(1, "sigmoid")(h)

    ids = _ids(19, 8, 9) + 1
    if masked:
        ids[:, 6:] = 0
    return _functional(build, ids, _ids(2, 8, 1), "binary_crossentropy")


def _pooled_text() -> Trial:
    def build(keras: Any, layers: Any) -> tuple[Any, Any]:
        x = keras.Input((9,), dtype="int32")
        h = layers.GlobalAveragePooling1D()(layers.Embedding(20, 6, mask_zero=True)(x))
        return x, layers.Dense(4, "softmax")(h)

    ids = _ids(19, 8, 9) + 1
    ids[:, 6:] = 0
    return _functional(build, ids, _ids(4, 8), "sparse_categorical_crossentropy")


def _masking() -> Trial:
    def build(keras: Any, layers: Any) -> tuple[Any, Any]:
        x = keras.Input((7, 3))
        h = layers.GRU(5)(layers.Masking()(x))
        return x, layers.Dense(1)(h)

    x = _numbers(8, 7, 3)
    x[:, 4:] = 0
    return _functional(build, x, _numbers(8, 1), "mse")


def _transformer() -> Trial:
    def build(keras: Any, layers: Any) -> tuple[Any, Any]:
        x = keras.Input((10, 8))
        h = layers.LayerNormalization()(x)
        h = x + layers.MultiHeadAttention(2, 4)(h, h)
        h = h + layers.Dense(8)(layers.Dense(16, "gelu")(layers.LayerNormalization()(h)))
        return x, layers.Dense(3, "softmax")(layers.GlobalMaxPooling1D()(h))

    return _functional(build, _numbers(6, 10, 8), _ids(3, 6), "sparse_categorical_crossentropy")


def _unet() -> Trial:
    def build(keras: Any, layers: Any) -> tuple[Any, Any]:
        x = keras.Input((16, 16, 1))
        a = layers.Conv2D(4, 3, padding="same", activation="relu")(x)
        b = layers.Conv2D(8, 3, padding="same", activation="relu")(layers.MaxPooling2D()(a))
        up = layers.Conv2DTranspose(4, 2, strides=2)(b)
        h = layers.Conv2D(4, 3, padding="same", activation="relu")(layers.Concatenate()([a, up]))
        return x, layers.Conv2D(1, 1, activation="sigmoid")(h)

    return _functional(build, _numbers(4, 16, 16, 1), _ids(2, 4, 16, 16, 1), "binary_crossentropy")


def _convolution_of_series() -> Trial:
    def build(keras: Any, layers: Any) -> tuple[Any, Any]:
        x = keras.Input((20, 2))
        h = layers.Conv1D(6, 3, padding="causal", dilation_rate=2, activation="relu")(x)
        h = layers.SeparableConv1D(6, 3, padding="same")(h)
        return x, layers.Dense(1)(layers.GlobalAveragePooling1D()(h))

    return _functional(build, _numbers(8, 20, 2), _numbers(8, 1), "mae")


def _frames() -> Trial:
    def build(keras: Any, layers: Any) -> tuple[Any, Any]:
        x = keras.Input((4, 8, 8, 1))
        h = layers.TimeDistributed(layers.Conv2D(3, 3, activation="relu"))(x)
        h = layers.TimeDistributed(layers.Flatten())(h)
        return x, layers.Dense(2)(layers.LSTM(4)(h))

    return _functional(build, _numbers(6, 4, 8, 8, 1), _numbers(6, 2), "mse")


def _filmed() -> Trial:
    def build(keras: Any, layers: Any) -> tuple[Any, Any]:
        x = keras.Input((4, 8, 8, 1))
        h = layers.ConvLSTM2D(3, 3, padding="same")(x)
        return x, layers.Dense(2)(layers.Flatten()(h))

    return _functional(build, _numbers(4, 4, 8, 8, 1), _numbers(4, 2), "mse")


def _two_heads() -> Trial:
    def build(keras: Any, layers: Any) -> tuple[Any, Any]:
        x = keras.Input((8,))
        h = layers.Dense(12, "relu")(x)
        return x, [layers.Dense(1, name="size")(h), layers.Dense(1, name="weight")(h)]

    y = [_numbers(16, 1), _numbers(16, 1) + 1]
    return _functional(build, _numbers(16, 8), y, ["mse", "mae"])


def _standardised() -> Trial:
    def build(keras: Any, layers: Any) -> tuple[Any, Any]:
        scale = layers.Normalization()
        scale.adapt(_numbers(16, 8) * 5 + 3)
        x = keras.Input((8,))
        return x, layers.Dense(1)(layers.Dense(8, "relu")(scale(x)))

    return _functional(build, _numbers(16, 8) * 5 + 3, _numbers(16, 1), "mse")


EXAMPLES: dict[str, Callable[[], Trial]] = {
    "perceptron with dropout": _mlp,
    "wide and deep": _wide_and_deep,
    "LSTM": partial(_recurrent, "LSTM"),
    "GRU": partial(_recurrent, "GRU"),
    "SimpleRNN": partial(_recurrent, "SimpleRNN"),
    "bidirectional LSTM": partial(_recurrent, "LSTM", wrap=True),
    "embedded text": partial(_texts, masked=False),
    "embedded text with a mask": partial(_texts, masked=True),
    "pooled text with a mask": _pooled_text,
    "masked series": _masking,
    "transformer block": _transformer,
    "U-Net": _unet,
    "convolutions of a series": _convolution_of_series,
    "frames one by one": _frames,
    "ConvLSTM2D": _filmed,
    "two heads": _two_heads,
    "normalization in the model": _standardised,
}
