"""Differential testing: gradients of random programs by dualad, autograd and JAX."""
