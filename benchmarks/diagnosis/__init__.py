"""Real faults and sound models, built in PyTorch and scikit-learn, and what Defib says of them.

    python -m benchmarks.diagnosis  print the board (`make scoreboard`)

Cases are data (cases/*.json): generator, layers, loss, optimizer, the accepted cause and the
repair. Nothing of Defib reads them but this package.
"""
