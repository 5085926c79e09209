"""A network of scikit-learn, checked in one line.

The features are an income in the ten thousands and an age; nothing scales them.
"""

import numpy as np
from sklearn.neural_network import MLPClassifier

import defib

random = np.random.default_rng(0)
income = random.normal(40_000, 12_000, 400)
age = random.uniform(18, 80, 400)
x = np.stack([income, age], axis=1)
buys = (income / 12_000 + age / 20 + random.normal(0, 0.3, 400)) > 5.8

model = MLPClassifier(hidden_layer_sizes=(16,), max_iter=50, random_state=0).fit(x, buys)

print(defib.check(model, x, buys))
