"""What the rows of `dualad.rules.singular` are tried on."""

from dualad.testing.samples.base import Sample

SAMPLES: list[Sample] = []
