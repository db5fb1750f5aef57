"""What the rows of `dualad.rules.indexing` are tried on."""

from dualad.testing.samples.base import Call, Sample

SAMPLES: list[Sample] = []
