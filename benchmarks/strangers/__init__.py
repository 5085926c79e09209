"""85 scripts with a fault each, as people write them who do not know Defib, and their repairs.

`python -m benchmarks.strangers` trains and checks them, one after the other, and prints how an
accepted cause ranked. Each script says what it does wrong in its first line, has the causes that an
expert would accept in `ACCEPT`, and trains in `train(fixed, path)`. They were written, with
`ACCEPT`, before Defib saw any of them; the rules have been mended on what they showed.
"""
