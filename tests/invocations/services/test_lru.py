"""The cache of recently used values."""

from __future__ import annotations

from invocations.services.lru import LruCache


def test_the_least_recently_used_value_is_evicted_first() -> None:
    cache: LruCache[str] = LruCache(10)
    for name in ("a", "b"):
        cache.put(name, name.upper(), 5)
    assert cache.get("a") == "A"
    cache.put("c", "C", 5)
    assert [cache.get(name) for name in ("a", "b", "c")] == ["A", None, "C"]


def test_a_value_that_is_too_large_is_not_cached_and_evicts_nothing() -> None:
    cache: LruCache[str] = LruCache(10)
    cache.put("a", "A", 10)
    cache.put("b", "B", 11)
    assert (cache.get("a"), cache.get("b")) == ("A", None)


def test_a_value_that_is_stored_again_counts_only_once_towards_the_size() -> None:
    cache: LruCache[str] = LruCache(10)
    for _ in range(5):
        cache.put("a", "A", 6)
    cache.put("b", "B", 4)
    assert (cache.get("a"), cache.get("b")) == ("A", "B")
