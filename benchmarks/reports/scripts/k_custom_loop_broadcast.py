"""tensorflow issue 28901: (N,) against (N,1) in a loss of the own. Cure: same shapes."""

# ruff: noqa
from ..checking import *
import tensorflow as tf, keras

C = "k_custom_loop_broadcast"
rng = np.random.default_rng(0)
x = rng.uniform(-1, 1, (512, 3)).astype("float32")
y = (x @ [1.5, -2, 0.7] + np.sin(3 * x[:, 0])).astype("float32")


class MyModel(keras.Model):
    def __init__(self):
        super().__init__()
        self.d1 = keras.layers.Dense(32, activation="relu")
        self.d2 = keras.layers.Dense(32, activation="relu")
        self.d3 = keras.layers.Dense(1)

    def call(self, x):
        return self.d3(self.d2(self.d1(x)))


def my_loss(y_true, y_pred):
    return tf.reduce_mean(tf.square(y_true - y_pred))


def run(fix, epochs=40):
    keras.utils.set_random_seed(0)
    m = MyModel()
    m(x[:2])
    opt = keras.optimizers.Adam(1e-3)
    before = m.get_weights()

    @tf.function
    def step(a, b):
        if fix:
            b = b[:, tf.newaxis]
        with tf.GradientTape() as t:
            l = my_loss(b, m(a, training=True))
        opt.apply_gradients(zip(t.gradient(l, m.trainable_variables), m.trainable_variables))
        return l

    ds = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(512, seed=0).batch(16)
    hist = []
    for _ in range(epochs):
        hist.append(float(np.mean([step(a, b).numpy() for a, b in ds])))
    p = m.predict(x, verbose=0)[:, 0]
    return m, opt, before, hist, float(1 - ((p - y) ** 2).mean() / y.var())


m, o, before, h, r2 = run(False)
note(C, faulty=dict(hist=h[::8], r2=r2))
diagnose(
    C,
    "full_ownloss",
    m,
    x,
    y,
    loss=my_loss,
    optimizer=o,
    batch_size=16,
    epochs=40,
    history=h,
    initial=before,
)
diagnose(
    C, "full", m, x, y, loss="mse", optimizer=o, batch_size=16, epochs=40, history=h, initial=before
)
diagnose(
    C,
    "full_kerasloss",
    m,
    x,
    y,
    loss=keras.losses.MeanSquaredError(),
    optimizer=o,
    batch_size=16,
    epochs=40,
    history=h,
    initial=before,
)
diagnose(C, "nocompile", m, x, y)
diagnose(C, "lazy", m, x, y, loss="mse")
m, o, before, h, r2 = run(True)
note(C, fixed=dict(hist=h[::8], r2=r2))
diagnose(
    C,
    "fixed",
    m,
    x,
    y[:, None],
    loss="mse",
    optimizer=o,
    batch_size=16,
    epochs=40,
    history=h,
    initial=before,
)
