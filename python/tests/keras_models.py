"""Small Keras models that between them use every supported layer, on any backend."""

import keras
import numpy as np
from keras import layers as L
from keras import ops
from keras_images import autoencoder, cnn, depthwise, residual, sequential, video, volume
from keras_own import Positions, Scaled, operations, subclassed


def dense():
    return sequential(
        L.Dense(6, activation="relu"),
        L.Dropout(0.3),
        L.Dense(5, use_bias=False),
        L.Activation("tanh"),
        L.Dense(3, activation="softmax"),
        shape=(4,),
    )


def activations():
    x = keras.Input((5,))
    names = [
        "relu", "relu6", "leaky_relu", "elu", "celu", "selu", "gelu", "silu", "hard_silu",
        "sigmoid", "hard_sigmoid", "log_sigmoid", "tanh", "hard_tanh", "tanh_shrink", "softplus",
        "softsign", "squareplus", "exponential", "mish", "linear", "softmax", "log_softmax",
    ]  # fmt: skip
    parts = [L.Activation(name)(x) for name in names]
    parts += [
        L.ReLU(max_value=0.7)(x),
        L.ReLU(negative_slope=0.1, max_value=0.5)(x),
        L.ReLU(threshold=0.4)(x),
        L.LeakyReLU(negative_slope=0.3)(x),
        L.ELU(alpha=0.7)(x),
        L.PReLU(alpha_initializer=keras.initializers.Constant(0.2))(x),
        L.Softmax()(x),
        L.Dense(3, activation=L.LeakyReLU(negative_slope=0.2))(x),
        L.Dense(3, activation=lambda v: ops.sin(v) * 2)(x),
    ]
    return keras.Model(x, L.Concatenate()(parts))


def series():
    return sequential(
        L.Conv1D(4, 3, padding="causal", dilation_rate=2, activation="relu"),
        L.SeparableConv1D(4, 3, padding="same"),
        L.DepthwiseConv1D(2),
        L.MaxPooling1D(2),
        L.BatchNormalization(center=False),
        L.UpSampling1D(2),
        L.Conv1DTranspose(3, 3, strides=2, padding="same"),
        L.Cropping1D(1),
        L.ZeroPadding1D(2),
        L.GlobalMaxPooling1D(),
        shape=(10, 2),
    )


def merges():
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    shared = L.Dense(4, activation="tanh", name="shared")
    u, v = shared(a), shared(b)
    parts = [
        L.Add()([u, v, a]), L.Subtract()([u, v]), L.Multiply()([u, v, b]), L.Average()([u, v, a]),
        L.Maximum()([u, v]), L.Minimum()([u, v, b]), L.Dot(axes=1)([u, v]),
        L.Permute((2, 1))(L.RepeatVector(3)(u))[:, :, 1],
    ]  # fmt: skip
    both = L.Concatenate()(parts)
    head = L.Dense(1, activation="sigmoid", name="yes")(both)
    return keras.Model([a, b], [head, L.Dense(3, name="kind")(both)])


def named():
    inputs = {"left": keras.Input((3,), name="left"), "right": keras.Input((2,), name="right")}
    h = L.Dense(4)(inputs["left"]) + L.Dense(4)(inputs["right"])
    return keras.Model(inputs, {"sum": L.Dense(1)(h), "share": L.Dense(2, activation="softmax")(h)})


def nested():
    inner = keras.Sequential([keras.Input((4,)), L.Dense(5, name="fc")], name="inner")
    y = keras.Input((5,))
    block = keras.Model(y, L.Dense(5, name="fc")(y) + y, name="block")
    x = keras.Input((4,))
    return keras.Model(x, L.Dense(2, name="fc")(block(block(inner(x)))))


def normalised():
    layer = L.Normalization()
    layer.adapt(np.random.default_rng(0).normal(3, 2, (50, 4)).astype("float32"))
    return sequential(
        layer, L.Dense(6), L.LayerNormalization(epsilon=1e-5), L.RMSNormalization(),
        L.BatchNormalization(scale=False), L.GaussianNoise(0.1), L.Dense(2), shape=(4,),
    )  # fmt: skip


def recurrent():
    x = keras.Input((6, 3))
    parts = [
        L.SimpleRNN(4)(x),
        L.LSTM(4)(x),
        L.GRU(4)(x),
        L.GRU(4, reset_after=False)(x),
        L.LSTM(3, go_backwards=True, use_bias=False)(x),
        L.LSTM(3, recurrent_activation="hard_sigmoid", activation="softsign")(x),
        L.Flatten()(L.GRU(2, return_sequences=True, go_backwards=True)(x)),
        L.Bidirectional(L.LSTM(3))(x),
        L.Bidirectional(L.GRU(3), merge_mode="sum")(x),
        L.Flatten()(L.Bidirectional(L.LSTM(2, return_sequences=True), merge_mode="ave")(x)),
        L.RNN(L.LSTMCell(2))(x),
    ]
    sequence, h, c = L.LSTM(4, return_sequences=True, return_state=True)(x)
    parts += [L.LSTM(4)(sequence, initial_state=[h, c]), h, c]
    return keras.Model(x, L.Concatenate()(parts))


def text():
    return sequential(
        L.Embedding(20, 5),
        L.Bidirectional(L.LSTM(4, return_sequences=True)),
        L.Bidirectional(L.LSTM(3, return_sequences=True, name="second")),
        L.TimeDistributed(L.Dense(4, activation="relu")),
        L.Dense(3),
        L.GlobalAveragePooling1D(),
        shape=(7,),
        dtype="int32",
    )


def transformer():
    x = keras.Input((5, 8))
    h = L.MultiHeadAttention(2, 4, name="attention")(x, x, use_causal_mask=True)
    x1 = L.LayerNormalization()(L.Add()([x, h]))
    h = L.Dense(8)(L.Dense(16, activation="gelu")(x1))
    x2 = L.LayerNormalization()(x1 + h)
    x3 = L.GroupQueryAttention(3, 4, 2)(x2, x2)
    cross = L.MultiHeadAttention(2, 3, value_dim=5, use_bias=False)(x3, x[:, :3])
    h = L.EinsumDense("abc,cd->abd", output_shape=(None, 6), bias_axes="d")(cross)
    return keras.Model(x, L.GlobalAveragePooling1D()(h))


def attention():
    x, mask = keras.Input((5, 4)), keras.Input((5, 5))
    h = [
        L.Attention(use_scale=True)([x, x]), L.AdditiveAttention()([x, x[:, :3]]),
        L.MultiHeadAttention(2, 3)(x, x, attention_mask=mask > 0),
    ]  # fmt: skip
    return keras.Model([x, mask], L.Concatenate()(h))


def custom():
    return sequential(
        Positions(6, 11, 4, name="positions"), Scaled(name="scaled"), L.Flatten(), shape=(6,),
        dtype="int32",
    )  # fmt: skip


def lambdas():
    return sequential(
        L.Lambda(lambda x: ops.relu(x) * 2), L.Reshape((2, 2)), L.Lambda(lambda x: x[:, 0]),
        shape=(4,),
    )  # fmt: skip


#: name -> (how to make it, shapes of its inputs; an int is a number of words)
CASES = {
    "dense": (dense, [(4,)]),
    "activations": (activations, [(5,)]),
    "cnn": (cnn, [(9, 8, 3)]),
    "depthwise": (depthwise, [(8, 8, 3)]),
    "series": (series, [(10, 2)]),
    "volume": (volume, [(4, 5, 4, 2)]),
    "autoencoder": (autoencoder, [(8, 8, 1)]),
    "residual": (residual, [(8, 8, 3)]),
    "merges": (merges, [(4,), (4,)]),
    "named": (named, [(3,), (2,)]),
    "nested": (nested, [(4,)]),
    "normalised": (normalised, [(4,)]),
    "recurrent": (recurrent, [(6, 3)]),
    "text": (text, [((7,), 20)]),
    "video": (video, [(3, 6, 6, 1)]),
    "transformer": (transformer, [(5, 8)]),
    "attention": (attention, [(5, 4), (5, 5)]),
    "operations": (operations, [(4, 6)]),
    "subclassed": (subclassed, [(4,)]),
    "custom": (custom, [((6,), 11)]),
    "lambdas": (lambdas, [(4,)]),
}


def make(name, rows=7, seed=0):
    """Return (model, inputs) of a case: weights and inputs are random, none is zero or one."""
    keras.utils.set_random_seed(seed)
    keras.backend.clear_session()
    kind, shapes = CASES[name]
    model = kind()
    rng = np.random.default_rng(seed)
    for variable in model.weights:
        value = keras.ops.convert_to_numpy(variable)
        if value.dtype.kind == "f":
            noise = rng.uniform(-0.3, 0.3, value.shape)
            if "variance" in variable.path:
                noise = np.abs(noise)
            variable.assign((value + noise).astype(value.dtype))
    return model, [_data(rng, rows, shape) for shape in shapes]


def _data(rng, rows, shape):
    if isinstance(shape[0], tuple):
        return rng.integers(0, shape[1], (rows, *shape[0])).astype("int32")
    return rng.normal(size=(rows, *shape)).astype("float32")


def given(model, inputs):
    """Return x as the model takes it."""
    names = getattr(model, "_inputs_struct", None)
    if isinstance(names, dict):
        return dict(zip(sorted(names), inputs, strict=True))
    return inputs if len(inputs) > 1 else inputs[0]
