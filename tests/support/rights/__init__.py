"""The walk over every route: who may do what, and that nothing of one network is seen in another.

`python -m tests.support.rights` (`make prove-rights`) and the tests run the same code.
"""
