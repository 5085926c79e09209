"""What users write themselves in Keras: layers, a model, and computations with keras.ops."""

import keras
import numpy as np
from keras import layers as L
from keras import ops


class Scaled(L.Layer):
    """A layer of the user's own."""

    def build(self, shape):
        self.gain = self.add_weight(shape=(shape[-1],), initializer="ones", name="gain")
        self.shift = self.add_weight(shape=(shape[-1],), initializer="zeros", name="shift")
        self.inner = L.Dense(shape[-1], name="inner")
        self.inner.build(shape)

    def call(self, inputs):
        return self.shift + self.gain * ops.tanh(self.inner(inputs)) * self.gain + inputs


class Positions(L.Layer):
    """Tokens and where they stand, as in many examples of transformers."""

    def __init__(self, length, words, width, **kwargs):
        super().__init__(**kwargs)
        self.length = length
        self.token = L.Embedding(words, width, name="token")
        self.place = L.Embedding(length, width, name="place")

    def build(self, shape):
        self.token.build(shape)
        self.place.build((self.length,))

    def call(self, x):
        return self.token(x) + self.place(ops.arange(0, self.length, 1))


class Own(keras.Model):
    """A model of the user's own class."""

    def __init__(self):
        super().__init__()
        self.first = L.Dense(5, activation="relu", name="first")
        self.block = keras.Sequential([L.Dense(5, name="fc"), Scaled(name="scaled")], name="block")
        self.drop = L.Dropout(0.5)
        self.head = L.Dense(2, name="head")

    def call(self, x, training=None):
        h = self.first(x)
        h = self.drop(self.block(h) + h, training=training)
        return self.head(ops.concatenate([h, ops.relu(h)], axis=-1))


def subclassed():
    model = Own()
    model(np.zeros((1, 4), "float32"))
    return model


def operations():
    x = keras.Input((4, 6))
    a, b = x[:, 0], x[:, -1]
    parts = [
        ops.exp(a), ops.log(ops.abs(b) + 1), ops.sqrt(ops.square(a) + 1), a / (b * b + 1), 1 - a,
        a**2, -b, ops.maximum(a, b), ops.minimum(a, 0.3), ops.clip(a, -0.2, 0.4), ops.sin(a),
        ops.rsqrt(a * a + 1), ops.log1p(ops.abs(a)), ops.expm1(b), ops.where(a > b, a, 2 * b),
        ops.cast(a > 0.1, "float32"), ops.mean(x, axis=1), ops.sum(x, axis=-1), ops.max(x, axis=1),
        ops.var(x, axis=(1, 2), keepdims=True)[:, 0], ops.std(x, axis=1),
        ops.logsumexp(x, axis=2), ops.reshape(x, (-1, 24)), ops.reshape(x, (-1, 2, 12))[:, 1, ::3],
        ops.squeeze(ops.expand_dims(a, 1), 1), ops.transpose(x, (0, 2, 1))[:, :, 1],
        ops.swapaxes(x, 1, 2)[:, 2], ops.moveaxis(x, 2, 1)[:, 3], ops.concatenate([a, b], axis=1),
        ops.stack([a, b], axis=2)[:, :, 1], *ops.split(a, 3, axis=1), ops.flip(x, axis=1)[:, 0],
        ops.tile(a, (1, 2)), ops.pad(a, ((0, 0), (1, 2))), ops.cumsum(a, axis=1),
        ops.matmul(x, ops.transpose(x, (0, 2, 1)))[:, 0], ops.einsum("abc,abd->acd", x, x)[:, 1],
        ops.softmax(a), ops.normalize(a, axis=-1), ops.gelu(a), ops.relu(a), ops.erf(a),
        ops.take(x, np.array([0, 2]), axis=1)[:, 1], ops.add(a, np.arange(6.0, dtype="float32")),
        ops.log_softmax(a), ops.silu(b), ops.leaky_relu(b), ops.not_equal(a, b) * 1.0,
        ops.logical_and(a > 0, b > 0) * 1.0, x[:, None, 1, 2:4][:, 0],
    ]  # fmt: skip
    return keras.Model(x, L.Concatenate()(parts))
