"""Look up the results of nodes in the cache, and add new results to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from invocations.cache.base import CachedResult
from invocations.cache.keys import CacheKey
from invocations.spec import InvocationSpec

from .base import Job
from .context import SLICED


class CacheLookup:
    """The result cache as a job uses it."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def key(self, id_: str, spec: InvocationSpec, inputs: Mapping[str, Any]) -> CacheKey | None:
        """Return the cache key of a node; reuse a known key if it was computed from the same inputs."""
        if self._job.cache is None:
            return None
        known = self._job.keys.get(id_)
        if known is not None and known[0] == inputs:
            return known[1]
        return self._job.cache.sign(spec, inputs)

    def find(self, id_: str, key: CacheKey | None) -> CachedResult | None:
        """Return the cached result of a node, or None if there is none or the node must be recomputed."""
        job = self._job
        if job.cache is None or key is None or id_ in job.recompute:
            return None
        if job.ahead is not None and id_ in job.ahead.recompute:
            return None
        return job.cache.get(key)

    def keep(self, key: CacheKey | None, result: CachedResult) -> None:
        """Add a result to the cache, unless it was computed in slices."""
        if self._job.cache is not None and key is not None and SLICED not in result.facts:
            self._job.cache.put(key, result)
