"""What `scipy.cluster.vq` calls: which codes are nearest is constant, and distances are not."""

from functools import wraps
from typing import Any

import numpy as np
from scipy.cluster.vq import _vq

from dualad.core.tracer import strip
from dualad.rules.likes import has_traced
from dualad.rules.standing import settled_as
from dualad.scipy.implicit import array_of


@wraps(_vq.vq)
def vq(obs: Any, codes: Any) -> Any:
    """Return the nearest codes, and the distances to them."""
    obs, codes = array_of(obs), array_of(codes)
    chosen, plain = _vq.vq(strip(obs), strip(codes))
    if not has_traced([obs, codes]):
        return chosen, plain
    apart = obs - codes[chosen]
    y = np.linalg.norm(apart, axis=-1) if apart.ndim > 1 else np.abs(apart)
    return chosen, settled_as(plain, y, "scipy.cluster.vq.vq", "these codes")


@wraps(_vq.update_cluster_means)
def update_cluster_means(obs: Any, labels: Any, nc: int) -> Any:
    """Return the means of clusters, and which have members."""
    obs, labels = array_of(obs), strip(labels)
    plain, members = _vq.update_cluster_means(strip(obs), labels, nc)
    if not has_traced(obs):
        return plain, members
    whole = (labels == np.arange(nc)[:, None]) * 1.0
    found = np.matmul(whole / np.maximum(np.sum(whole, 1, keepdims=True), 1), obs)
    return settled_as(plain, found, "scipy.cluster.vq.kmeans", "these clusters"), members


OWN: dict[str, Any] = {"vq": vq, "update_cluster_means": update_cluster_means}
