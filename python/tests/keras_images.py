"""Keras models over images, series of images and volumes."""

import keras
from keras import layers as L


def sequential(*parts, shape, dtype="float32"):
    return keras.Sequential([keras.Input(shape, dtype=dtype), *parts])


def cnn():
    return sequential(
        L.Rescaling(1 / 2, offset=-0.1),
        L.ZeroPadding2D(((1, 0), (2, 1))),
        L.Conv2D(4, (3, 2), strides=2, padding="same", activation="relu"),
        L.BatchNormalization(),
        L.MaxPooling2D(2, padding="same"),
        L.SpatialDropout2D(0.1),
        L.Conv2D(6, 3, dilation_rate=2, padding="same", use_bias=False, groups=2),
        L.AveragePooling2D(2, strides=1, padding="same"),
        L.PReLU(shared_axes=[1, 2]),
        L.Flatten(),
        L.Dense(3),
        shape=(9, 8, 3),
    )


def depthwise():
    return sequential(
        L.DepthwiseConv2D(3, depth_multiplier=2, padding="same", activation="elu"),
        L.SeparableConv2D(5, 3, strides=2, depth_multiplier=2),
        L.GroupNormalization(groups=5, scale=False),
        L.LayerNormalization(),
        L.Cropping2D(((0, 1), (1, 0))),
        L.GlobalAveragePooling2D(keepdims=True),
        L.Reshape((-1,)),
        shape=(8, 8, 3),
    )


def volume():
    return sequential(
        L.Conv3D(3, 2, padding="same"),
        L.MaxPooling3D(2),
        L.Conv3DTranspose(2, 2, strides=2),
        L.AveragePooling3D(2),
        L.GlobalAveragePooling3D(),
        shape=(4, 5, 4, 2),
    )


def autoencoder():
    encoder = sequential(
        L.Conv2D(4, 3, strides=2, padding="same", activation="relu"),
        L.Conv2D(6, 3, strides=2, padding="same", activation="relu"),
        shape=(8, 8, 1),
    )
    x = keras.Input((8, 8, 1))
    h = encoder(x)
    h = L.Conv2DTranspose(4, 3, strides=2, padding="same", activation="relu")(h)
    h = L.UpSampling2D()(h)
    return keras.Model(x, L.Conv2D(1, 3, padding="same", activation="sigmoid", name="image")(h))


def residual():
    x = keras.Input((8, 8, 3), name="picture")
    h = L.Conv2D(4, 3, padding="same", name="stem")(x)
    for i in range(2):
        y = L.BatchNormalization(name=f"norm{i}")(h)
        y = L.Conv2D(4, 3, padding="same", name=f"conv{i}")(L.ReLU()(y))
        h = L.Add(name=f"add{i}")([h, y])
    h = L.Concatenate()([h, h * 2.0 - 1.0])
    h = L.UnitNormalization()(h)
    return keras.Model(x, L.Dense(2)(L.GlobalAveragePooling2D()(h)))


def video():
    return sequential(
        L.TimeDistributed(L.Conv2D(3, 3, activation="relu")),
        L.TimeDistributed(L.Flatten()),
        L.LSTM(4),
        shape=(3, 6, 6, 1),
    )
