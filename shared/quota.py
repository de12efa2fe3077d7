"""How often an HTTP client may ask. Kafka has no quota, ever."""

from collections import OrderedDict
from collections.abc import Mapping
from time import monotonic


class Quota:
    """So many requests a minute per client, refilled evenly; the least recently seen clients are forgotten.

    A client with a known key has the quota of its key, everybody else that of the address.
    """

    CLIENTS = 10_000

    def __init__(self, per_minute: int, by_key: Mapping[str, int] | None = None) -> None:
        self._per_minute = per_minute
        self._by_key = by_key or {}
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_seconds(self, address: str, key: str = "") -> float:
        """0 when the request may pass (and is counted), else how long to wait."""
        per_minute = self._by_key.get(key, self._per_minute)
        client = f"key {key}" if key in self._by_key else f"address {address}"
        now = monotonic()
        tokens, seen = self._buckets.pop(client, (float(per_minute), now))
        tokens = min(float(per_minute), tokens + (now - seen) * per_minute / 60)
        allowed = tokens >= 1
        self._buckets[client] = (tokens - 1 if allowed else tokens, now)
        if len(self._buckets) > self.CLIENTS:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - tokens) * 60 / per_minute
