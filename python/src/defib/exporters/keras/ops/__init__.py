"""The operations of keras.ops as operators; `tables` says which function writes which."""
