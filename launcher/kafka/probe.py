"""Whether a broker answers: an open port is not enough, metadata may still be loading and the port be another's."""

import asyncio

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError


def answers_metadata(bootstrap: str, cluster: str) -> bool:
    """Ask once for the brokers of this cluster. Blocks for at most about 3 s; never call it in a running event loop."""
    return asyncio.run(_knows_a_broker(bootstrap, cluster))


async def _knows_a_broker(bootstrap: str, cluster: str) -> bool:
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=2000)
    try:
        await asyncio.wait_for(client.start(), timeout=3)
        found = await client.describe_cluster()
        return bool(found["brokers"]) and found["cluster_id"] == cluster
    except (KafkaError, OSError, TimeoutError):
        return False
    finally:
        await client.close()
