"""A distinctive name goes in through every way there is, and comes out again: `make prove-erasure`.

`visiting` fills in forms, `planting` knows the ways in, `searching` reads every byte that is stored or written.
"""
