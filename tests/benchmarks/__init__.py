"""What a derivative costs: dualad beside autograd, on code written for NumPy alone.

``python -m tests.benchmarks`` needs the extra ``bench``. A model is a function of the module that
it calls ``np``: plain NumPy for dualad, ``autograd.numpy`` and ``jax.numpy`` for the peers.
"""
