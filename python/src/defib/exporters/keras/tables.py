"""The layers and operations that have operators in a run: name of the class -> how to write it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .call import Call
from .layers import attention, conv, core, merge, norm, pool, rnn, wrap
from .ops import crossentropy
from .ops.elementwise import ELEMENTWISE
from .ops.reduce import REDUCTIONS
from .ops.shape import SHAPES

Handler = Callable[[Call], Any]


def _ranks(name: str, handler: Handler, ranks: str = "123") -> dict[str, Handler]:
    return {name.replace("#", rank): handler for rank in ranks}


#: classes of keras.layers
LAYERS: dict[str, Handler] = {
    "Dense": core.dense,
    "EinsumDense": core.einsum_dense,
    "Embedding": core.embedding,
    "Activation": core.activation,
    "ReLU": core.named("relu", "max_value", "negative_slope", "threshold"),
    "LeakyReLU": core.named("leaky_relu", "negative_slope"),
    "ELU": core.named("elu", "alpha"),
    "PReLU": core.prelu,
    "Softmax": core.softmax_layer,
    "Identity": core.identity,
    "Dropout": core.dropout,
    "SpatialDropout1D": core.dropout,
    "SpatialDropout2D": core.dropout,
    "SpatialDropout3D": core.dropout,
    "GaussianDropout": core.dropout,
    "AlphaDropout": core.dropout,
    "GaussianNoise": core.identity,
    "Flatten": core.flatten,
    "Reshape": core.reshape,
    "Permute": core.permute,
    "RepeatVector": core.repeat_vector,
    "Rescaling": core.rescaling,
    "Normalization": core.normalization,
    **_ranks("Conv#D", conv.conv),
    **_ranks("DepthwiseConv#D", conv.depthwise_conv, "12"),
    **_ranks("SeparableConv#D", conv.separable_conv, "12"),
    **_ranks("Conv#DTranspose", conv.conv_transpose),
    **_ranks("MaxPooling#D", pool.pool("MaxPool")),
    **_ranks("AveragePooling#D", pool.pool("AveragePool")),
    **_ranks("GlobalMaxPooling#D", pool.global_pool("GlobalMaxPool")),
    **_ranks("GlobalAveragePooling#D", pool.global_pool("GlobalAveragePool")),
    **_ranks("ZeroPadding#D", pool.zero_padding),
    **_ranks("Cropping#D", pool.cropping),
    **_ranks("UpSampling#D", pool.up_sampling),
    "BatchNormalization": norm.batch_normalization,
    "LayerNormalization": norm.layer_normalization,
    "RMSNormalization": norm.rms_normalization,
    "GroupNormalization": norm.group_normalization,
    "UnitNormalization": norm.unit_normalization,
    "SimpleRNN": rnn.recurrent,
    "LSTM": rnn.recurrent,
    "GRU": rnn.recurrent,
    "RNN": rnn.recurrent,
    "Bidirectional": rnn.bidirectional,
    "TimeDistributed": wrap.time_distributed,
    "Add": merge.merged("Sum"),
    "Subtract": merge.merged("Sub"),
    "Multiply": merge.multiply,
    "Average": merge.merged("Mean"),
    "Maximum": merge.merged("Max"),
    "Minimum": merge.merged("Min"),
    "Concatenate": merge.concatenate,
    "Dot": merge.dot,
    "MultiHeadAttention": attention.multi_head_attention,
    "GroupedQueryAttention": attention.grouped_query_attention,
}

#: operations of keras.ops
OPERATIONS: dict[str, Handler] = {
    **ELEMENTWISE,
    **REDUCTIONS,
    **SHAPES,
    "BinaryCrossentropy": crossentropy.binary_crossentropy,
    "CategoricalCrossentropy": crossentropy.categorical_crossentropy,
    "Relu": core.named("relu"),
    "Relu6": core.named("relu6"),
    "LeakyRelu": core.named("leaky_relu", "negative_slope"),
    "Elu": core.named("elu", "alpha"),
    "Celu": core.named("celu", "alpha"),
    "Selu": core.named("selu"),
    "Gelu": core.named("gelu", "approximate"),
    "Silu": core.named("silu"),
    "HardSilu": core.named("hard_silu"),
    "Sigmoid": core.named("sigmoid"),
    "HardSigmoid": core.named("hard_sigmoid"),
    "LogSigmoid": core.named("log_sigmoid"),
    "Tanh": core.named("tanh"),
    "HardTanh": core.named("hard_tanh"),
    "TanhShrink": core.named("tanh_shrink"),
    "Softplus": core.named("softplus"),
    "Softsign": core.named("softsign"),
    "Squareplus": core.named("squareplus", "b"),
    "Mish": core.named("mish"),
}

#: layers that change images in training alone, at random
AUGMENTATION = "keras.src.layers.preprocessing.image_preprocessing.random_"

#: layers that cannot be replayed although what they call could be
_REFUSED = ("ActivityRegularization", "SpectralNormalization")


def handler_of(op: Any) -> Handler | None:
    """Return what writes a layer or an operation, if a table has its class.

    A subclass that has a `call` of its own is not taken for its base.
    """
    if type(op).__module__.startswith(AUGMENTATION):
        return core.augmentation
    for kind in type(op).__mro__:
        table = _table(kind.__module__)
        handler = table.get(kind.__name__)
        if handler is not None:
            own: Any = kind
            return handler if type(op).call is own.call else None
    return None


def refused(op: Any) -> bool:
    """Whether a layer must not be taken apart into the operations that it calls."""
    kind = type(op)
    return kind.__module__.startswith("keras.src.layers") and (
        kind.__name__ in _REFUSED or ".rnn." in kind.__module__
    )


def _table(module: str) -> dict[str, Handler]:
    if module.startswith("keras.src.layers"):
        return LAYERS
    return OPERATIONS if module.startswith("keras.src.ops") else {}
