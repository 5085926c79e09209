"""The layers of Keras as operators; `tables` says which function writes which."""
