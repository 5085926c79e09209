"""The scripts: `p` of PyTorch, `k` of Keras, `s` of scikit-learn."""
